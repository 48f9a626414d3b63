//! Puts a typed query into the SQL of an engine: the one place where statements are written.

pub(crate) mod arithmetic;
pub(crate) mod batch_key;
pub(crate) mod cache;
pub(crate) mod cached;
pub(crate) mod calendar;
pub(crate) mod call;
pub(crate) mod change;
pub(crate) mod conflict;
pub(crate) mod ddl;
pub(crate) mod fingerprint;
pub(crate) mod from_clause;
pub(crate) mod grouped;
pub(crate) mod include;
pub(crate) mod insert;
pub(crate) mod joined_keys;
pub(crate) mod key_columns;
pub(crate) mod keys;
pub(crate) mod limited;
pub(crate) mod link;
pub(crate) mod lock;
pub(crate) mod name_conflicts;
pub(crate) mod operation;
pub(crate) mod page;
pub(crate) mod page_of_each;
pub(crate) mod predicate;
pub(crate) mod referencing_rows;
pub(crate) mod relation;
pub(crate) mod relation_aggregate;
pub(crate) mod select;
pub(crate) mod spelling;
pub(crate) mod table;
pub(crate) mod tree;
pub(crate) mod update_many;
pub(crate) mod upsert;
pub(crate) mod upsert_many;
pub(crate) mod value;

use std::fmt;

use sea_query::{
    PostgresQueryBuilder, QueryBuilder, QueryStatementWriter, SqlWriter, SqliteQueryBuilder,
    Value as SqlValue,
};

use crate::definition::entity::EntityDefinition;
use crate::dialect::Engine;
use crate::sql::from_clause::Aliases;

/// The SQL of a statement, and the values for its placeholders.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) sql: String,
    pub(crate) parameters: Vec<SqlValue>,
}

/// The number of rows that are wanted of a query.
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
        let mut text = SqlText::of(self.engine);
        match self.engine {
            Engine::Postgres => statement.build_collect_into(PostgresQueryBuilder, &mut text),
            Engine::Sqlite => statement.build_collect_into(SqliteQueryBuilder, &mut text),
        }
        Lowered { sql: text.sql, parameters: text.parameters }
    }
}

/// A limit up to this many rows is written into the SQL. For a parameter in its place PostgreSQL
/// would plan anew at each call, since how many rows are wanted decides how to find them; greater
/// ones are left parameters, so that there are not too many statements to keep.
const WRITTEN_LIMIT: u64 = 1_000;

/// The mark of a number of rows that is written into the SQL. `sea_query` takes numbers of rows without
/// a sign, and no engine takes one of this size as a value.
const WRITTEN: u64 = 1 << 63;

/// The greatest number of rows that an engine counts to.
const MOST_ROWS: u64 = WRITTEN - 1;

/// A limit as `sea_query` is given it.
pub(crate) fn limit_of(rows: u64) -> u64 {
    if rows <= WRITTEN_LIMIT { rows | WRITTEN } else { rows.min(MOST_ROWS) }
}

/// An offset as `sea_query` is given it. An offset of no rows is written into the SQL: it only keeps a
/// planner from looking into a subquery.
pub(crate) fn offset_of(rows: u64) -> u64 {
    if rows == 0 { WRITTEN } else { rows.min(MOST_ROWS) }
}

/// SQL as it is written.
struct SqlText {
    engine: Engine,
    sql: String,
    parameters: Vec<SqlValue>,
}

impl SqlText {
    fn of(engine: Engine) -> Self {
        Self { engine, sql: String::new(), parameters: Vec::new() }
    }
}

impl SqlWriter for SqlText {
    fn push_param<B: QueryBuilder>(&mut self, value: SqlValue, builder: &B) {
        match value {
            SqlValue::BigUnsigned(Some(rows)) if rows >= WRITTEN => {
                self.sql.push_str(&(rows - WRITTEN).to_string());
            }
            value => {
                let (placeholder, numbered) = builder.placeholder();
                self.sql.push_str(placeholder);
                self.parameters.push(value);
                if numbered {
                    self.sql.push_str(&self.parameters.len().to_string());
                }
            }
        }
    }

    fn as_writer(&mut self) -> &mut dyn fmt::Write {
        self
    }
}

impl fmt::Write for SqlText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut parts = text.split(spelling::AGAIN);
        self.sql.push_str(parts.next().unwrap_or_default());
        for part in parts {
            self.sql.push(match self.engine {
                Engine::Postgres => '$',
                Engine::Sqlite => '?',
            });
            self.sql.push_str(&self.parameters.len().to_string());
            self.sql.push_str(part);
        }
        Ok(())
    }
}

impl fmt::Display for SqlText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sql)
    }
}
