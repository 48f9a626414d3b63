//! Puts a typed query into the SQL of an engine: the one place where statements are written.

pub(crate) mod arithmetic;
pub(crate) mod batch_key;
pub(crate) mod cache;
pub(crate) mod calendar;
pub(crate) mod call;
pub(crate) mod change;
pub(crate) mod conflict;
pub(crate) mod constant;
pub(crate) mod ddl;
pub(crate) mod deferrable_key;
pub(crate) mod distribution;
pub(crate) mod expression_index;
pub(crate) mod fingerprint;
pub(crate) mod foreign_key;
pub(crate) mod from_clause;
pub(crate) mod gone_rows;
pub(crate) mod grouped;
pub(crate) mod include;
pub(crate) mod insert;
pub(crate) mod joined_keys;
pub(crate) mod key_array;
pub(crate) mod key_columns;
pub(crate) mod keys;
pub(crate) mod limited;
pub(crate) mod link;
pub(crate) mod links;
pub(crate) mod lock;
pub(crate) mod name_conflicts;
pub(crate) mod operation;
pub(crate) mod page;
pub(crate) mod page_of_each;
pub(crate) mod place;
pub(crate) mod predicate;
pub(crate) mod referencing_rows;
pub(crate) mod relation;
pub(crate) mod relation_aggregate;
pub(crate) mod select;
pub(crate) mod soft_delete;
pub(crate) mod spelling;
pub(crate) mod table;
pub(crate) mod tree;
pub(crate) mod update_many;
pub(crate) mod upsert;
pub(crate) mod upsert_many;
pub(crate) mod value;

use std::cell::{Cell, RefCell};
use std::fmt;

use sea_query::{
    PostgresQueryBuilder, QueryBuilder, QueryStatementWriter, SqlWriter, SqliteQueryBuilder,
    Value as SqlValue,
};

use crate::definition::entity::EntityDefinition;
pub(crate) use crate::dialect::StatementSql;
use crate::dialect::{Dialect, Engine, Tenancy};
use crate::error::{Error, Result};
use crate::sql::from_clause::Aliases;
use crate::sql::spelling::{AGAIN, SHOWN, SHOWS};

/// The SQL of a statement, and the values for its placeholders without that of the tenant.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) sql: StatementSql,
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
    tenancy: Tenancy,
    in_schema: bool,
    aliases: Aliases,
    /// The first entity that cannot stand in the statement, and why.
    refused: RefCell<Option<Error>>,
    /// The number of default scopes within which it writes.
    scopes: Cell<usize>,
}

impl Writer {
    /// A writer of a statement about an entity.
    pub(crate) fn new(dialect: Dialect, entity: &'static EntityDefinition) -> Self {
        let Dialect { engine, tenancy, in_schema } = dialect;
        Self {
            engine,
            tenancy,
            in_schema,
            aliases: Aliases::beside(entity),
            refused: RefCell::new(None),
            scopes: Cell::new(0),
        }
    }

    /// The form in which it writes.
    pub(crate) fn dialect(&self) -> Dialect {
        Dialect { engine: self.engine, tenancy: self.tenancy, in_schema: self.in_schema }
    }

    /// The statement, unless an entity cannot stand in it.
    pub(crate) fn write(&self, statement: &impl QueryStatementWriter) -> Result<Lowered> {
        self.check()?;
        let mut text = SqlBuffer::of(self.engine);
        match self.engine {
            Engine::Postgres => statement.build_collect_into(PostgresQueryBuilder, &mut text),
            Engine::Sqlite => statement.build_collect_into(SqliteQueryBuilder, &mut text),
        }
        let SqlBuffer { sql, parameters, tenant_at, .. } = text;
        let (text, tenancy, in_schema) = (sql.into(), self.tenancy, self.in_schema);
        let sql = StatementSql { text, tenancy, tenant_at, in_schema };
        Ok(Lowered { sql, parameters })
    }

    /// Makes sure that each entity can stand in what was written.
    pub(crate) fn check(&self) -> Result<()> {
        self.refused.take().map_or(Ok(()), Err)
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

/// The mark of the tenant's value, however often a statement compares with it. It is one parameter,
/// which takes its number where it stands first.
pub(crate) const TENANT: &str = "\u{2}";

/// SQL as it is written.
struct SqlBuffer {
    engine: Engine,
    sql: String,
    parameters: Vec<SqlValue>,
    /// The number of values before the first mark of the tenant.
    tenant_at: Option<usize>,
    /// The number of the last value.
    last: usize,
    /// That of the value that is given again.
    shown: usize,
}

impl SqlBuffer {
    fn of(engine: Engine) -> Self {
        let (sql, parameters) = (String::new(), Vec::new());
        Self { engine, sql, parameters, tenant_at: None, last: 0, shown: 0 }
    }

    /// Writes the placeholder of the value with a number.
    fn numbered(&mut self, number: usize) {
        self.sql.push(match self.engine {
            Engine::Postgres => '$',
            Engine::Sqlite => '?',
        });
        self.sql.push_str(&number.to_string());
    }
}

impl SqlWriter for SqlBuffer {
    fn push_param<B: QueryBuilder>(&mut self, value: SqlValue, builder: &B) {
        match value {
            SqlValue::BigUnsigned(Some(rows)) if rows >= WRITTEN => {
                self.sql.push_str(&(rows - WRITTEN).to_string());
            }
            value => {
                let (placeholder, numbered) = builder.placeholder();
                self.sql.push_str(placeholder);
                self.parameters.push(value);
                self.last = self.parameters.len() + usize::from(self.tenant_at.is_some());
                if numbered {
                    self.sql.push_str(&self.last.to_string());
                }
            }
        }
    }

    fn as_writer(&mut self) -> &mut dyn fmt::Write {
        self
    }
}

impl fmt::Write for SqlBuffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for piece in text.split_inclusive(['\u{1}', '\u{2}', '\u{5}', '\u{6}']) {
            if let Some(sql) = piece.strip_suffix(AGAIN) {
                self.sql.push_str(sql);
                self.numbered(self.last);
            } else if let Some(sql) = piece.strip_suffix(TENANT) {
                self.sql.push_str(sql);
                let at = *self.tenant_at.get_or_insert(self.parameters.len());
                self.numbered(at + 1);
            } else if let Some(sql) = piece.strip_suffix(SHOWS) {
                self.sql.push_str(sql);
                self.shown = self.last + 1;
            } else if let Some(sql) = piece.strip_suffix(SHOWN) {
                self.sql.push_str(sql);
                self.numbered(self.shown);
            } else {
                self.sql.push_str(piece);
            }
        }
        Ok(())
    }
}

impl fmt::Display for SqlBuffer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sql)
    }
}
