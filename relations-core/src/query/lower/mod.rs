//! Puts a typed query into the SQL of an engine: the one place where statements are written.

mod change;
mod computed;
mod include;
mod link;
mod page;
mod place;
mod predicate;
mod read;
mod relation;
mod tree;
mod value;

pub use change::Assignment;
pub(crate) use change::{delete, insert, update};
pub(crate) use include::{Keys, Repeatable, counts, targets, tree};
pub(crate) use link::{link, unlink};
pub(crate) use place::table;
#[cfg(feature = "sqlite")]
pub(crate) use predicate::{FOLD_CASE, folded};
pub(crate) use read::{aggregate, count, exists, projection, rows};
pub(crate) use relation::target_of_id;
pub(crate) use tree::{Direction, Start, Walk, walk};

use sea_query::{
    PostgresQueryBuilder, QueryStatementWriter, SqliteQueryBuilder, Value as SqlValue,
};

use place::Aliases;

use crate::engine::Engine;
use crate::meta::EntityDefinition;

/// The SQL of a statement, and the values for its placeholders.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) sql: String,
    pub(crate) parameters: Vec<SqlValue>,
}

/// How many rows are wanted of those that a query means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verb {
    /// All of them.
    All,
    /// The first one.
    First,
    /// The only one, and one more to see that it is.
    One,
}

/// Writes one statement for an engine.
#[derive(Debug)]
pub(crate) struct Writer {
    engine: Engine,
    aliases: Aliases,
}

impl Writer {
    /// A writer of a statement about an entity.
    pub(crate) fn new(engine: Engine, entity: &'static EntityDefinition) -> Self {
        Self { engine, aliases: Aliases::beside(entity) }
    }

    pub(crate) fn write(&self, statement: &impl QueryStatementWriter) -> Lowered {
        let (sql, values) = match self.engine {
            Engine::Postgres => statement.build(PostgresQueryBuilder),
            Engine::Sqlite => statement.build(SqliteQueryBuilder),
        };
        Lowered { sql, parameters: values.0 }
    }
}
