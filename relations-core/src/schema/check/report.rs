//! Findings of a check.

use std::fmt;

use crate::definition::entity::EntityDefinition;

/// A kind of schema drift, from the worst on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Drift {
    /// A guarantee of a type does not hold: a target may be missing, a value may be null, a row cannot
    /// be read or written.
    Broken,
    /// The guarantee holds, but an index is missing.
    Slow,
    /// The guarantee holds, but the declaration differs: another `ON DELETE`, another default.
    Differs,
    /// It could not be compared.
    Unsure,
    /// The database has it and the code does not, which is harmless; it counts only in a
    /// [strict](Report::strict) report.
    Unknown,
}

impl Drift {
    /// The word that a report writes above its findings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Slow => "slow",
            Self::Differs => "differs",
            Self::Unsure => "unsure",
            Self::Unknown => "unknown to the code",
        }
    }
}

/// One difference between entities and a database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Finding {
    /// Its kind.
    pub drift: Drift,
    /// The name of the entity; `None` for a table without an entity.
    pub entity: Option<&'static str>,
    /// The name of the relation that it is about, if there is one.
    pub relation: Option<&'static str>,
    /// The name of the property that it is about, if there is one.
    pub property: Option<&'static str>,
    /// The table.
    pub table: String,
    /// The declaration and the database's state, in a sentence.
    pub message: String,
    /// The number of rows that prevent the fix, if they were counted.
    pub rows: Option<i64>,
    /// The statements that fix it, in this order; none if only the code can be fixed.
    pub cure: Vec<String>,
}

impl Finding {
    pub(super) fn new(
        drift: Drift,
        entity: Option<&'static EntityDefinition>,
        table: &str,
        message: String,
    ) -> Self {
        Self {
            drift,
            entity: entity.map(|entity| entity.name),
            relation: None,
            property: None,
            table: table.to_owned(),
            message,
            rows: None,
            cure: Vec::new(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// The differences between entities and a database; see [`Database::check`](crate::Database::check).
///
/// `Display` shows it as text, sorted by the kind of drift; with the feature `serde` it is
/// `Serialize`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[must_use = "a report says whether the database holds what the entities promise"]
pub struct Report {
    strict: bool,
    findings: Vec<Finding>,
}

impl Report {
    pub(super) fn new(findings: Vec<super::Draft>) -> Self {
        let mut findings: Vec<_> = findings.into_iter().map(|draft| draft.finding).collect();
        findings.sort_by_key(|finding| finding.drift);
        Self { strict: false, findings }
    }

    /// Lets drift that is [unknown to the code](Drift::Unknown) count as well.
    pub fn strict(self) -> Self {
        Self { strict: true, ..self }
    }

    /// Whether there are no findings that count: the database matches the entities.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings().next().is_none()
    }

    /// Whether a guarantee of a type does not hold, so that a program should refuse to start.
    ///
    /// ```no_run
    /// # use relations::schema;
    /// # async fn run(db: &relations::Database) -> Result<(), Box<dyn std::error::Error>> {
    /// let report = db.check(schema![]).await?;
    /// if report.is_broken() {
    ///     return Err(report.to_string().into());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.of(Drift::Broken).next().is_some()
    }

    /// The findings that count, the worst first.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let counts = |finding: &&Finding| self.strict || finding.drift != Drift::Unknown;
        self.findings.iter().filter(counts)
    }

    /// The findings of one kind, even if they do not count.
    pub fn of(&self, drift: Drift) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.drift == drift)
    }

    /// The statements that fix the findings that count, each once.
    #[must_use]
    pub fn cure(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let mut seen: Vec<&[String]> = Vec::new();
        for finding in self.findings() {
            if !seen.contains(&&*finding.cure) {
                seen.push(&finding.cure);
                all.extend(finding.cure.iter().cloned());
            }
        }
        all
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = None;
        for finding in self.findings() {
            if last.replace(finding.drift) != Some(finding.drift) {
                writeln!(formatter, "{}", finding.drift.name())?;
            }
            writeln!(formatter, "  {}", finding.message)?;
            for statement in &finding.cure {
                writeln!(formatter, "    {statement};")?;
            }
        }
        if last.is_none() {
            formatter.write_str("the database holds what the entities promise\n")?;
        }
        Ok(())
    }
}
