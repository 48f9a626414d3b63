//! Tables that a cluster distributes, in files that plain PostgreSQL runs as well.

use crate::schema::migration::change::Change;
use crate::schema::migration::diff::target;
use crate::schema::migration::names::{TableName, text};
use crate::schema::migration::plan::Facts;
use crate::schema::shape::{DistributionShape, TableShape};
use crate::sql::distribution::{SEQUENTIAL, call};

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
        "DO $distribute$ BEGIN IF EXISTS (SELECT FROM pg_proc WHERE proname = \
         'create_distributed_table' AND pg_function_is_visible(oid)) THEN {SEQUENTIAL}; {}END IF; END \
         $distribute$",
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
        let is_it = |change: &&Change| match change {
            Change::CreateTable(new) => TableName::of(new) == *target,
            Change::Distribute { table, .. } => table == target,
            _ => false,
        };
        let is_this = |change: &&Change| match change {
            Change::CreateTable(new) => TableName::of(new) == *table,
            Change::Distribute { table: of, .. } => of == table,
            _ => false,
        };
        let at = |is: &dyn Fn(&&Change) -> bool| facts.changes.iter().position(|one| is(&one));
        // One that does not change is distributed already.
        match (at(&is_it), at(&is_this)) {
            (Some(target), Some(this)) => target < this,
            _ => true,
        }
    })
}
