//! Findings of a check.

use std::fmt;

use crate::definition::entity::EntityDefinition;

/// A kind of schema drift, from the worst on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Drift {
    /// A promise of a type does not hold: a target may be missing, a value may be null, a row cannot be
    /// read or written.
    Broken,
    /// It holds, and takes longer than it should: an index is missing.
    Slow,
    /// It holds, and is not what was declared: another `ON DELETE`, another default.
    Differs,
    /// It could not be compared.
    Unsure,
    /// The database has it and the code does not, which does no harm; it counts in a
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
    /// The name of the entity; `None` of a table that no entity is of.
    pub entity: Option<&'static str>,
    /// The name of the relation that it is about, where it is about one.
    pub relation: Option<&'static str>,
    /// The name of the property that it is about, where it is about one.
    pub property: Option<&'static str>,
    /// The table.
    pub table: String,
    /// The declaration and the database's state, in a sentence.
    pub message: String,
    /// The number of rows that stand in the way of the cure, where they were counted.
    pub rows: Option<i64>,
    /// The statements that cure it, one after another; none where only the code can.
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
/// It is shown as text, by the kinds of drift, and the feature `serde` writes it as data.
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

    /// This report, in which drift that is [unknown to the code](Drift::Unknown) counts as well.
    pub fn strict(self) -> Self {
        Self { strict: true, ..self }
    }

    /// Whether nothing counts: the database holds what the entities promise.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings().next().is_none()
    }

    /// Whether a promise of a type does not hold. A program may refuse to start then.
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

    /// The findings of one kind, also where they do not count.
    pub fn of(&self, drift: Drift) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.drift == drift)
    }

    /// The statements that cure the findings that count, each once.
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
