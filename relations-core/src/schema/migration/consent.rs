//! Consent by name to what cannot be undone.

mod need;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use self::need::{Consent, needs};
use super::change::{Aspect, Change};
use super::names::TableName;
use crate::schema::shape::Shape;

/// The names of everything that may be dropped, renamed or rewritten.
///
/// ```
/// use relations::shape::migration::Consents;
///
/// let consents = Consents::new()
///     .drop("orders.note")
///     .rename("orders.remark", "comment")
///     .rewrite("orders.total")
///     .fill("orders.state", "'new'");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Consents {
    pub(super) drops: BTreeSet<String>,
    pub(super) renames: Vec<(String, String)>,
    pub(super) rewrites: BTreeSet<String>,
    pub(super) fills: BTreeMap<String, String>,
    /// Whether everything is consented to.
    pub(super) everything: bool,
}

impl Consents {
    /// Consent to nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Consent to every loss, for a plan that is only run by hand, such as a rollback.
    pub fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// Consent to drop a table (`orders`), a column (`orders.note`), a
    /// constraint (`constraint:orders.orders_total_check`), an index (`index:orders.orders_city_idx`),
    /// an enum (`enum:state`), a word of one (`word:state.sent`), or the counter of a column that
    /// the database counts up (`counter:orders.id`).
    pub fn drop(mut self, name: impl Into<String>) -> Self {
        self.drops.insert(name.into());
        self
    }

    /// A rename of a table (`orders`, `invoices`) or of a column (`orders.note`, `remark`).
    pub fn rename(mut self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.renames.push((from.into(), to.into()));
        self
    }

    /// Consent to rewrite all rows of a table for a column (`orders.total`) or an enum (`state`), or to
    /// move them to other servers of a cluster (`orders`). The table is locked meanwhile.
    pub fn rewrite(mut self, column: impl Into<String>) -> Self {
        self.rewrites.insert(column.into());
        self
    }

    /// An SQL expression for existing rows without a value in a column that becomes not null
    /// (`orders.state`).
    pub fn fill(mut self, column: impl Into<String>, expression: impl Into<String>) -> Self {
        self.fills.insert(column.into(), expression.into());
        self
    }

    /// The expression for the rows that have no value.
    pub(super) fn filled(&self, table: &TableName, column: &str) -> Option<&str> {
        self.fills.get(&format!("{table}.{column}")).map(String::as_str)
    }
}

/// The reason that no steps are planned: missing consent, or consent that names nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The changes that need consent.
    pub missing: Vec<Missing>,
    /// Consent that names nothing, in sentences.
    pub unknown: Vec<String>,
}

/// A change that needs consent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Missing {
    /// The loss, in a sentence.
    pub message: String,
    /// The flags of the command line that consent, of which one is enough.
    pub flags: Vec<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for unknown in &self.unknown {
            writeln!(formatter, "{unknown}")?;
        }
        for Missing { message, flags } in &self.missing {
            writeln!(formatter, "{message}; add {}", flags.join(" or "))?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

/// Compares the consent that is given with the consent that is needed.
pub(super) fn check(before: &Shape, changes: &[Change], given: &Consents) -> Result<(), Refusal> {
    if given.everything {
        return Ok(());
    }
    let mut unused = given.clone();
    let mut missing = Vec::new();
    for change in changes {
        for need in needs(before, changes, change, given) {
            let is_given = match &need.consent {
                Consent::Drop(names) => {
                    let found = names.iter().find(|name| given.drops.contains(*name));
                    found.is_some_and(|name| {
                        unused.drops.remove(name);
                        true
                    })
                }
                Consent::Rewrite(name) => {
                    unused.rewrites.remove(name);
                    given.rewrites.contains(name)
                }
                Consent::Fill(name) => {
                    unused.fills.remove(name);
                    given.fills.contains_key(name)
                }
            };
            // One consent may be needed twice.
            let is_new = missing.iter().all(|other: &Missing| other.flags != need.flags);
            if !is_given && is_new {
                missing.push(Missing { message: need.message, flags: need.flags });
            }
        }
        // Rows may also be filled where a default would do it.
        if let Change::ChangeColumn { table, after, aspect: Aspect::Null, .. } = change {
            unused.fills.remove(&format!("{table}.{}", after.name));
        }
        if let Change::AddColumn { table, column } = change {
            unused.fills.remove(&format!("{table}.{}", column.name));
        }
    }
    let none = |flag: &str, name: &String| format!("`{flag}{name}` names nothing that changes so");
    let unknown: Vec<_> = (unused.drops.iter().map(|name| none("--drop ", name)))
        .chain(unused.rewrites.iter().map(|name| none("--allow rewrite:", name)))
        .chain(unused.fills.keys().map(|name| none("--fill ", name)))
        .collect();
    if missing.is_empty() && unknown.is_empty() {
        Ok(())
    } else {
        Err(Refusal { missing, unknown })
    }
}
