//! Names of tables, as SQL and as texts.

use std::fmt;

pub(super) use crate::definition::quoting::{quoted, quoted_list as list, text_literal as text};
use crate::schema::shape::TableShape;

/// The name of a table, with its schema where that is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct TableName {
    /// The schema; `None` where the connection finds the table by its name alone.
    pub schema: Option<String>,
    /// The name.
    pub name: String,
}

impl TableName {
    pub(super) fn new(schema: Option<&str>, name: &str) -> Self {
        Self { schema: schema.map(str::to_owned), name: name.to_owned() }
    }

    pub(super) fn of(table: &TableShape) -> Self {
        Self::new(table.schema.as_deref(), &table.name)
    }

    /// The name between quotes.
    pub(super) fn sql(&self) -> String {
        self.beside(&self.name)
    }

    /// A name of this schema between quotes, as of an index.
    pub(super) fn beside(&self, name: &str) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", quoted(schema), quoted(name)),
            None => quoted(name),
        }
    }

    /// The text that PostgreSQL's catalogs look the table up by.
    pub(super) fn oid(&self) -> String {
        format!("to_regclass({})", text(&self.sql()))
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(formatter, "{schema}.{}", self.name),
            None => formatter.write_str(&self.name),
        }
    }
}
