//! Generated columns in the way of another type, or another enum, of a column that they are calculated from.

use super::change::{Aspect, Change};
use super::diff::names;
use super::names::TableName;
use crate::schema::shape::{ColumnShape, Shape, TableShape};

/// The generated columns that are calculated from a column, and are not made plain ones before its type
/// changes. PostgreSQL changes no type under them, so that they are dropped, and added again if they stay.
pub(super) fn calculated_from<'a>(
    before: &'a Shape,
    changes: &[Change],
    table: &TableName,
    column: &str,
) -> Vec<&'a ColumnShape> {
    let table_before = before.table(table.schema.as_deref(), &table.name);
    let columns = table_before.into_iter().flat_map(|table| &table.columns);
    let is_in_the_way = |one: &&ColumnShape| {
        one.name != column
            && one.generated.as_ref().is_some_and(|expression| names(expression, column))
            && !changes.iter().any(|change| is_made_plain(change, table, &one.name))
    };
    columns.filter(is_in_the_way).collect()
}

/// Of these columns, the ones that stay and are therefore made anew.
pub(super) fn remade_with<'a>(
    before: &'a Shape,
    changes: &[Change],
    table: &TableName,
    column: &str,
) -> Vec<&'a ColumnShape> {
    let is_dropped = |name: &str| {
        changes.iter().any(|change| {
            matches!(change, Change::DropColumn { table: of, column } if of == table && column.name == name)
        })
    };
    let mut columns = calculated_from(before, changes, table, column);
    columns.retain(|column| !is_dropped(&column.name));
    columns
}

/// The columns of an enum type and of its arrays, with their tables.
pub(super) fn of_enum<'a>(
    shape: &'a Shape,
    enumeration: &str,
) -> impl Iterator<Item = (&'a TableShape, &'a ColumnShape)> {
    let tables = shape.tables.iter().filter(|table| table.is_table());
    let columns = tables.flat_map(|table| table.columns.iter().map(move |column| (table, column)));
    columns.filter(move |(_, column)| {
        matches!(column.sql_type.strip_prefix(enumeration), Some("" | "[]"))
    })
}

fn is_made_plain(change: &Change, table: &TableName, column: &str) -> bool {
    match change {
        Change::ChangeColumn { table: of, after, aspect: Aspect::Generated, .. } => {
            of == table && after.name == column && after.generated.is_none()
        }
        _ => false,
    }
}
