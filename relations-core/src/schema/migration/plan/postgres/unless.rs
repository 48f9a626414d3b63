//! Queries that tell whether a step has nothing left to do.

use crate::schema::migration::names::{TableName, quoted, text};

pub(super) fn not(query: &str) -> String {
    query.replacen("SELECT EXISTS", "SELECT NOT EXISTS", 1)
}

/// Whether a table has a column, of which more may be asked: ` AND attnotnull`.
pub(super) fn has_column(table: &TableName, column: &str, and: &str) -> String {
    format!(
        "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = {} AND attname = {} AND NOT \
         attisdropped{and})",
        table.oid(),
        text(column),
    )
}

/// Whether a table has a constraint, of which more may be asked: ` AND convalidated`.
pub(super) fn has_constraint(table: &TableName, name: &str, and: &str) -> String {
    format!(
        "SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = {} AND conname = {}{and})",
        table.oid(),
        text(name),
    )
}

/// Whether a table has an index that is built to its end.
pub(super) fn has_index(table: &TableName, name: &str) -> String {
    format!(
        "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass({}) AND indrelid = {} AND \
         indisvalid)",
        text(&table.beside(name)),
        table.oid(),
    )
}

pub(super) fn no_index(table: &TableName, name: &str) -> String {
    format!("SELECT to_regclass({}) IS NULL", text(&table.beside(name)))
}

pub(super) fn has_type(name: &str) -> String {
    format!("SELECT to_regtype({}) IS NOT NULL", text(name))
}

pub(super) fn has_word(name: &str, word: &str) -> String {
    format!(
        "SELECT EXISTS (SELECT FROM pg_enum WHERE enumtypid = to_regtype({}) AND enumlabel = {})",
        text(name),
        text(word),
    )
}

pub(super) fn has_words(name: &str, words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| text(word)).collect();
    format!(
        "SELECT ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = to_regtype({}) ORDER BY \
         enumsortorder) = ARRAY[{}]::text[]",
        text(name),
        words.join(", "),
    )
}

/// Whether a sequence, index or the like of that name is beside a table.
pub(super) fn is_there(table: &TableName, name: &str) -> String {
    format!("SELECT to_regclass({}) IS NOT NULL", text(&table.beside(name)))
}

/// The name of an index that is built in the place of another.
pub(super) fn new_name(name: &str) -> String {
    format!("{}_new", crate::definition::constraint_names::cut_to(name, "_new".len()))
}

pub(super) fn alter(table: &TableName, change: &str) -> String {
    format!("ALTER TABLE {} {change}", table.sql())
}

pub(super) fn alter_column(table: &TableName, column: &str, change: &str) -> String {
    alter(table, &format!("ALTER COLUMN {} {change}", quoted(column)))
}
