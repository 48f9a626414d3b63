//! Tables that a cluster distributes, in files that plain PostgreSQL runs as well.

use crate::schema::migration::change::Change;
use crate::schema::migration::diff::target;
use crate::schema::migration::names::{TableName, text};
use crate::schema::migration::plan::Facts;
use crate::schema::shape::{DistributionShape, TableShape};
use crate::sql::distribution::{IS_CLUSTER, SEQUENTIAL, call};

/// The statement that distributes a table if the server distributes tables.
pub(super) fn statement(
    facts: &Facts<'_>,
    table: &TableName,
    before: Option<&DistributionShape>,
    after: Option<&DistributionShape>,
) -> String {
    let name = table.sql();
    let undone = before.map(|_| format!("undistribute_table({})", text(&name)));
    let done = after.map(|after| match after {
        DistributionShape::Reference => call(&name, None, None),
        DistributionShape::By(column) => {
            let beside = beside(facts, table, column).map(|beside| beside.sql());
            call(&name, Some(column), beside.as_deref())
        }
    });
    let calls = undone.into_iter().chain(done).map(|call| format!("PERFORM {call}; "));
    format!(
        "DO $distribute$ BEGIN IF {} THEN {SEQUENTIAL}; {}END IF; END $distribute$",
        IS_CLUSTER.trim_start_matches("SELECT "),
        calls.collect::<String>(),
    )
}

/// The table that a foreign key leads to from the column by which rows are distributed, if it is distributed by
/// then: the rows are on the same servers.
fn beside(facts: &Facts<'_>, table: &TableName, by: &str) -> Option<TableName> {
    let is_by = |one: &TableShape, column: &String| {
        one.distribution == Some(DistributionShape::By(column.clone()))
    };
    let keys = facts.table_after(table)?.foreign_keys.iter().filter(|key| {
        let mut pairs = key.columns.iter().zip(&key.target_columns);
        let other = facts.table_after(&target(key));
        target(key) != *table
            && other.is_some_and(|other| pairs.any(|(one, to)| one == by && is_by(other, to)))
    });
    let mut keys = keys.map(target);
    keys.find(|target| {
        let at =
            |table: &TableName| facts.changes.iter().position(|change| distributes(change, table));
        // One that does not change is distributed already.
        match (at(target), at(table)) {
            (Some(target), Some(this)) => target < this,
            _ => true,
        }
    })
}

/// Whether a change distributes a table.
fn distributes(change: &Change, table: &TableName) -> bool {
    match change {
        Change::CreateTable(new) => TableName::of(new) == *table,
        Change::Distribute { table: of, .. } => of == table,
        _ => false,
    }
}
