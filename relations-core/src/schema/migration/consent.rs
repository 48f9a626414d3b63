//! Consent by name to what cannot be undone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::change::{Aspect, Change, Part};
use super::diff::is_same_type;
use super::names::TableName;
use super::types::{SqlType, is_constant};
use crate::dialect::Engine;
use crate::schema::shape::{ColumnShape, Shape, TableShape};

/// The names of what may be dropped, renamed or rewritten; nothing else is.
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

    /// Consent to every loss, for a plan that only people run, such as the way back.
    pub fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// Consent to drop a table (`orders`), a column (`orders.note`), a
    /// constraint (`constraint:orders.orders_total_check`), an index (`index:orders.orders_city_idx`),
    /// an enum (`enum:state`) or a word of one (`word:state.sent`).
    pub fn drop(mut self, name: impl Into<String>) -> Self {
        self.drops.insert(name.into());
        self
    }

    /// A rename of a table (`orders`, `invoices`) or of a column (`orders.note`, `remark`).
    pub fn rename(mut self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.renames.push((from.into(), to.into()));
        self
    }

    /// Consent to write all rows of a table anew for a column (`orders.total`), which nobody reads or
    /// writes meanwhile.
    pub fn rewrite(mut self, column: impl Into<String>) -> Self {
        self.rewrites.insert(column.into());
        self
    }

    /// An SQL expression for the rows that have no value in a column (`orders.state`) which is not null.
    pub fn fill(mut self, column: impl Into<String>, expression: impl Into<String>) -> Self {
        self.fills.insert(column.into(), expression.into());
        self
    }

    /// The expression for the rows that have no value.
    pub(super) fn filled(&self, table: &TableName, column: &str) -> Option<&str> {
        self.fills.get(&format!("{table}.{column}")).map(String::as_str)
    }
}

/// Why no steps are planned: consent that is missing, or that is for nothing.
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

/// One consent that a change needs.
struct Need {
    message: String,
    flags: Vec<String>,
    consent: Consent,
}

enum Consent {
    /// Any of these names.
    Drop(Vec<String>),
    Rewrite(String),
    Fill(String),
}

/// Compares the consent that is given with the consent that is needed.
pub(super) fn check(before: &Shape, changes: &[Change], given: &Consents) -> Result<(), Refusal> {
    if given.everything {
        return Ok(());
    }
    let mut unused = given.clone();
    let mut missing = Vec::new();
    for change in changes {
        for need in needs(before.engine, changes, change) {
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
            if !is_given {
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

fn needs(engine: Engine, changes: &[Change], change: &Change) -> Vec<Need> {
    let column = |table: &TableName, column: &ColumnShape| format!("{table}.{}", column.name);
    match change {
        Change::DropTable(gone) => {
            let table = TableName::of(gone);
            let mut flags = vec![format!("`--drop {table}`")];
            // A table that was renamed has most of its columns still.
            let is_like = |new: &TableShape| {
                let shared =
                    gone.columns.iter().filter(|column| new.column(&column.name).is_some());
                shared.count() * 2 >= gone.columns.len()
            };
            let new = changes.iter().filter_map(|other| match other {
                Change::CreateTable(new) if is_like(new) => Some(TableName::of(new)),
                _ => None,
            });
            flags.extend(new.map(|new| format!("`--rename {table}={new}`")));
            let message = format!("the table `{table}` would be dropped with its rows");
            vec![drop(message, vec![table.to_string()], flags)]
        }
        Change::DropColumn { table, column: gone } => {
            let name = column(table, gone);
            let mut flags = vec![format!("`--drop {name}`")];
            let new = changes.iter().filter_map(|other| match other {
                Change::AddColumn { table: of, column: new }
                    if of == table && is_same_type(engine, &gone.sql_type, &new.sql_type) =>
                {
                    Some(new)
                }
                _ => None,
            });
            flags.extend(new.map(|new| format!("`--rename {name}={}`", new.name)));
            let message = format!("the column `{name}` would be dropped with its values");
            vec![drop(message, vec![name], flags)]
        }
        Change::ChangeColumn { table, before, after, aspect: Aspect::Type } => {
            let name = column(table, after);
            let (from, to) = (&before.sql_type, &after.sql_type);
            match engine {
                Engine::Postgres if SqlType::of(from).widens_to(&SqlType::of(to)) => Vec::new(),
                _ => vec![rewrite(
                    &name,
                    format!(
                        "all rows would be written anew to make `{name}` a `{to}`, which was a `{from}`"
                    ),
                )],
            }
        }
        Change::ChangeColumn { table, before, after, aspect: Aspect::Generated } => {
            let name = column(table, after);
            match (&before.generated, &after.generated) {
                (None, Some(_)) => {
                    let message =
                        format!("the values of `{name}` would be replaced by calculated ones");
                    let flags = vec![format!("`--drop {name}`")];
                    vec![drop(message, vec![name], flags)]
                }
                (Some(_), Some(_)) => {
                    vec![rewrite(
                        &name,
                        format!("all rows would be written anew to calculate `{name}`"),
                    )]
                }
                _ => Vec::new(),
            }
        }
        Change::AddColumn { table, column: new } => added(engine, table, new),
        Change::ReplaceEnum { before, after } => {
            let lost: Vec<_> =
                before.words.iter().filter(|word| !after.words.contains(word)).collect();
            let enumeration = &before.name;
            let mut all: Vec<_> = (lost.iter())
                .map(|word| {
                    let name = format!("word:{enumeration}.{word}");
                    let flags = vec![format!("`--drop {name}`")];
                    let message =
                        format!("the word `{word}` of the enum `{enumeration}` would be dropped");
                    drop(message, vec![name], flags)
                })
                .collect();
            all.push(rewrite(
                enumeration,
                format!("all rows with the enum `{enumeration}` would be written anew"),
            ));
            all
        }
        Change::DropEnum(one) => {
            let name = format!("enum:{}", one.name);
            let flags = vec![format!("`--drop {name}`")];
            vec![drop(format!("the enum `{}` would be dropped", one.name), vec![name], flags)]
        }
        Change::DropPart { table, part } => vec![dropped(table, part)],
        Change::ReplacePart { table, before, after } if weakens(before, after) => {
            vec![dropped(table, before)]
        }
        _ => Vec::new(),
    }
}

fn added(engine: Engine, table: &TableName, new: &ColumnShape) -> Vec<Need> {
    let name = format!("{table}.{}", new.name);
    let mut all = Vec::new();
    let is_made = new.default.is_some() || new.generated.is_some() || new.numbering.is_some();
    if !new.nullable && !is_made {
        all.push(Need {
            message: format!(
                "`{name}` is never null and has no default, and there may be rows already that need a \
                 value"
            ),
            flags: vec![format!("`--fill {name}=VALUE` with an SQL expression")],
            consent: Consent::Fill(name.clone()),
        });
    }
    let is_quick = new.default.as_deref().is_none_or(is_constant);
    let is_rewritten = new.generated.is_some() || new.numbering.is_some() || !is_quick;
    if engine == Engine::Postgres && is_rewritten {
        let message = format!("all rows would be written anew to give each its `{name}`");
        all.push(rewrite(&name, message));
    }
    all
}

/// Whether a guarantee is lost where one part replaces another.
fn weakens(before: &Part, after: &Part) -> bool {
    match (before, after) {
        (Part::PrimaryKey(before), Part::PrimaryKey(after)) => before.columns != after.columns,
        (Part::ForeignKey(before), Part::ForeignKey(after)) => {
            before.columns != after.columns
                || super::diff::target(before) != super::diff::target(after)
                || before.target_columns != after.target_columns
        }
        (Part::Index(before), Part::Index(after)) => {
            let is_kept = after.unique
                && after.columns.iter().all(|column| before.columns.contains(column))
                && after.elements == before.elements
                && (after.filter.is_none() || after.filter == before.filter)
                && before.valid;
            before.unique && !is_kept
        }
        (Part::Check(_), Part::Check(_)) => true,
        _ => false,
    }
}

fn dropped(table: &TableName, part: &Part) -> Need {
    let kind = if part.is_index() { "index" } else { "constraint" };
    let name = format!("{kind}:{table}.{}", part.name().unwrap_or_default());
    let flags = vec![format!("`--drop {name}`")];
    drop(format!("the {} of `{table}` would be dropped", part.told()), vec![name], flags)
}

fn drop(message: String, names: Vec<String>, flags: Vec<String>) -> Need {
    Need { message, flags, consent: Consent::Drop(names) }
}

fn rewrite(name: &str, message: String) -> Need {
    let flags = vec![format!("`--allow rewrite:{name}`")];
    Need { message, flags, consent: Consent::Rewrite(name.to_owned()) }
}
