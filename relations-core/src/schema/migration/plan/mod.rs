//! The steps that make changes.

mod ddl;
mod postgres;
mod rows;
mod sqlite;

use super::change::{Aspect, Change};
use super::consent::{self, Consents, Refusal};
use super::diff::diff;
use super::generated::{of_enum, remade_with};
use super::names::TableName;
use super::rename::renamed;
use super::step::Step;
use crate::dialect::Engine;
use crate::schema::shape::{Shape, TableShape};

/// Changes, and the steps that make them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The changes, in the order in which they are made.
    pub changes: Vec<Change>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// The steps from one shape to another, for tables in use.
///
/// On PostgreSQL no step holds a lock on an existing table for longer than a moment: indexes are
/// built concurrently, foreign keys and checks are added without reading the rows and validated by a
/// later step. On SQLite a table is created again if there is no statement for a change.
///
/// ```
/// # use relations::prelude::*;
/// # use relations::{Engine, schema};
/// # use relations::shape::migration::{Consents, plan};
/// # mod before {
/// #     use relations::prelude::*;
/// #     #[derive(Entity)]
/// #     pub struct Order { #[id] id: i64, note: Option<String> }
/// # }
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64 }
/// let before = schema![before::Order].shape(Engine::Postgres)?;
/// let after = schema![Order].shape(Engine::Postgres)?;
///
/// let refused = plan(&before, &after, &Consents::new()).unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "the column `orders.note` would be dropped with its values; add `--drop orders.note`\n",
/// );
/// let plan = plan(&before, &after, &Consents::new().drop("orders.note")).unwrap();
/// assert_eq!(plan.steps[0].statements, [r#"ALTER TABLE "orders" DROP COLUMN "note""#]);
/// # Ok::<(), relations::Error>(())
/// ```
///
/// # Errors
///
/// Something would be dropped or rewritten without consent, or consent names nothing.
pub fn plan(before: &Shape, after: &Shape, consents: &Consents) -> Result<Plan, Refusal> {
    let (renamed, mut changes) = renamed(before, after, &consents.renames)
        .map_err(|unknown| Refusal { missing: Vec::new(), unknown })?;
    changes.extend(diff(&renamed, after));
    let retyped: Vec<_> = changes.iter().filter_map(retyped).collect();
    changes.sort_by_key(|change| {
        let is_in_the_way = change.table().is_some_and(|table| retyped.contains(&table));
        if is_in_the_way { change.rank_beside_a_type() } else { change.rank() }
    });
    consent::check(&renamed, &changes, consents)?;
    let facts = Facts { before: &renamed, after, changes: &changes, consents };
    let steps = match after.engine {
        Engine::Postgres => postgres::steps(&facts),
        Engine::Sqlite => sqlite::steps(&facts),
    };
    Ok(Plan { changes, steps })
}

/// The table in which a column gets another type.
fn retyped(change: &Change) -> Option<TableName> {
    match change {
        Change::ChangeColumn { table, aspect: Aspect::Type, .. } => Some(table.clone()),
        _ => None,
    }
}

/// Everything that steps are planned from.
struct Facts<'a> {
    /// The shape as it was, by the new names.
    before: &'a Shape,
    after: &'a Shape,
    changes: &'a [Change],
    consents: &'a Consents,
}

impl Facts<'_> {
    /// Whether a table is made by these changes, so that nobody uses it yet.
    fn is_new(&self, table: &TableName) -> bool {
        let is_it = |change: &Change| matches!(change, Change::CreateTable(new) if TableName::of(new) == *table);
        self.changes.iter().any(is_it)
    }

    /// A table as it was, by its new name.
    fn table_before(&self, table: &TableName) -> Option<&TableShape> {
        self.before.table(table.schema.as_deref(), &table.name)
    }

    /// A table as it is to be.
    fn table_after(&self, table: &TableName) -> Option<&TableShape> {
        self.after.table(table.schema.as_deref(), &table.name)
    }

    /// Whether a column is made anew with one that it is calculated from, which gets another type.
    fn is_remade(&self, table: &TableName, column: &str) -> bool {
        let is_with = |other: &str| {
            let remade = remade_with(self.before, self.changes, table, other);
            remade.iter().any(|one| one.name == column)
        };
        self.changes.iter().any(|change| match change {
            Change::ChangeColumn { table: of, after, aspect: Aspect::Type, .. } if of == table => {
                is_with(&after.name)
            }
            Change::ReplaceEnum { before, .. } => of_enum(self.before, &before.name)
                .any(|(of, one)| TableName::of(of) == *table && is_with(&one.name)),
            _ => false,
        })
    }

    /// The name that a table has before these changes.
    fn old_table(&self, table: &TableName) -> TableName {
        let old = self.changes.iter().find_map(|change| match change {
            Change::RenameTable { from, to } if to == table => Some(from.clone()),
            _ => None,
        });
        old.unwrap_or_else(|| table.clone())
    }

    /// The names that columns have before these changes; `None` where one is new or made anew.
    fn old_columns(&self, table: &TableName, columns: &[String]) -> Option<Vec<String>> {
        let old = |column: &String| {
            let mut name = Some(column.clone());
            for change in self.changes {
                match change {
                    Change::RenameColumn { table: of, from, to } if of == table && to == column => {
                        name = Some(from.clone());
                    }
                    Change::AddColumn { table: of, column: new }
                        if of == table && new.name == *column =>
                    {
                        name = None;
                    }
                    _ => {}
                }
            }
            name
        };
        columns.iter().map(old).collect()
    }
}
