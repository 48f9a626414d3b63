//! Conditions and expressions in SQL of the user's own.

use std::sync::Arc;

use crate::dialect::Engine;
use crate::value::parameter::Parameter;

/// SQL of the user's own with its values, read as each engine reads it.
#[derive(Clone, PartialEq)]
pub(crate) struct RawSql {
    pub(crate) values: Vec<Parameter>,
    pub(crate) on_postgres: Result<Vec<Piece>, String>,
    pub(crate) on_sqlite: Result<Vec<Piece>, String>,
}

/// A part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// SQL between placeholders.
    Sql(Arc<str>),
    /// A placeholder: the index of its value.
    Value(usize),
}

impl RawSql {
    /// Its parts, or the reason why this engine cannot be sent it.
    pub(crate) fn pieces(&self, engine: Engine) -> Result<&[Piece], &str> {
        let pieces = match engine {
            Engine::Postgres => &self.on_postgres,
            Engine::Sqlite => &self.on_sqlite,
        };
        pieces.as_deref().map_err(String::as_str)
    }
}
