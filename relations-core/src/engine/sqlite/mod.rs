//! SQLite, on `rusqlite`, each statement on a thread of its own where it may block.

#[cfg(feature = "rust_decimal")]
mod decimal;
mod refusal;
mod store;
mod violated;

use deadpool_sqlite::{Connection as Pooled, InteractError};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value as Stored;
use rusqlite::{Connection, OptionalExtension};

pub(super) use store::json_array;

use self::refusal::error;
use self::store::store;
use super::{Answer as AnyAnswer, Engine, Executor, Operation, Rows, Statement};
use crate::error::{Error, Kind, Result};
use crate::meta::ColumnType;
use crate::query::lower::{FOLD_CASE, folded};
use crate::value::Parameter;

/// The rows of an answer, which SQLite gives all at once.
pub(crate) struct Answer {
    rows: Vec<Vec<Stored>>,
    changed: u64,
}

impl Answer {
    /// The answer to a statement of that operation. SQLite tells how many rows the last statement
    /// changed that changes rows, which others do not.
    fn counted(mut self, operation: Operation) -> Self {
        let changes =
            matches!(operation, Operation::Insert | Operation::Update | Operation::Delete);
        if !changes {
            self.changed = self.rows.len() as u64;
        }
        self
    }

    pub(super) fn for_each(self, mut each: impl FnMut(&[Stored]) -> Result<()>) -> Result<u64> {
        self.rows.iter().try_for_each(|row| each(row))?;
        Ok(self.changed)
    }
}

/// Prepares a new connection: foreign keys are enforced, `LIKE` heeds case as PostgreSQL's does,
/// and what SQLite lacks is added.
pub(super) fn prepare(connection: &Connection, busy: std::time::Duration) -> rusqlite::Result<()> {
    connection.busy_timeout(busy)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "case_sensitive_like", true)?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function(FOLD_CASE, 1, flags, |arguments| {
        Ok(arguments.get::<Option<String>>(0)?.map(|text| folded(&text)))
    })?;
    #[cfg(feature = "rust_decimal")]
    decimal::prepare(connection)?;
    // A file is not looked into before it is asked for something.
    connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()))
}

/// Runs a statement on a connection.
pub(super) async fn run(connection: &Pooled, statement: &Statement) -> Result<Rows> {
    let values: Result<Vec<_>> = statement
        .parameters
        .iter()
        .enumerate()
        .map(|(at, value)| store(value).map_err(|error| about_parameter(statement, at, error)))
        .collect();
    let (values, statement) = (values?, statement.clone());
    let answer = connection.interact(move |connection| {
        execute(connection, statement.sql(), &values)
            .map(|answer| answer.counted(statement.operation()))
            .map_err(|failure| error(connection, &statement, &values, failure))
    });
    Ok(Rows(AnyAnswer::Sqlite(answer.await.map_err(|failure| interrupted(&failure))??)))
}

/// A connection that drops tables, while it does not heed the keys between them. Otherwise SQLite
/// would first empty each table, row by row, and do what keys say of that.
pub(super) struct WithoutKeys {
    pub(super) connection: Pooled,
    /// The tables that are dropped.
    pub(super) tables: Vec<String>,
}

impl Executor for WithoutKeys {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        let (statement, tables) = (statement.clone(), self.tables.clone());
        // Nobody sees the connection in between, whatever becomes of who waits for this.
        let dropped = self.connection.interact(move |connection| {
            let heed = |connection: &Connection, keys: bool| {
                let heeded = connection.pragma_update(None, "foreign_keys", keys);
                heeded.map_err(|failure| error(connection, &statement, &[], failure))
            };
            heed(connection, false)?;
            let dropped = drop_tables(connection, &tables, &statement);
            heed(connection, true).and(dropped)
        });
        dropped.await.map_err(|failure| interrupted(&failure))??;
        Ok(Rows(AnyAnswer::Sqlite(Answer { rows: Vec::new(), changed: 0 })))
    }
}

/// Drops tables, all of them or none, unless another one references them.
fn drop_tables(connection: &mut Connection, tables: &[String], drops: &Statement) -> Result<()> {
    const OTHERS: &str = "SELECT other.name FROM sqlite_schema AS other, \
                          pragma_foreign_key_list(other.name) AS key \
                          WHERE other.type = 'table' AND key.\"table\" IN (SELECT value FROM json_each(?1)) \
                          AND other.name NOT IN (SELECT value FROM json_each(?1))";
    let names = tables.iter().map(|table| Parameter::text(table)).collect();
    let names = json_array(&[Parameter::array(ColumnType::Text, names)])?;
    let mut dropped = || {
        let transaction = connection.transaction()?;
        let other = transaction.query_row(OTHERS, [&names], |row| row.get::<_, String>(0));
        if let Some(other) = other.optional()? {
            return Ok(Some(other));
        }
        transaction.execute_batch(drops.sql())?;
        transaction.commit()?;
        Ok(None)
    };
    match dropped() {
        Ok(None) => Ok(()),
        Ok(Some(other)) => Err(Error::refused(format!(
            "table `{other}` references one that would be dropped; drop it as well",
        ))),
        Err(failure) => Err(error(connection, drops, &[], failure)),
    }
}

fn execute(connection: &Connection, sql: &str, values: &[Stored]) -> rusqlite::Result<Answer> {
    let mut prepared = connection.prepare_cached(sql)?;
    let columns = prepared.column_count();
    let mut answer = Answer { rows: Vec::new(), changed: 0 };
    let mut rows = prepared.query(rusqlite::params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        let cells: rusqlite::Result<_> = (0..columns).map(|at| row.get(at)).collect();
        answer.rows.push(cells?);
    }
    drop(rows);
    answer.changed = if columns == 0 { connection.changes() } else { answer.rows.len() as u64 };
    Ok(answer)
}

/// The error of a value with the property that it is for.
fn about_parameter(statement: &Statement, at: usize, error: Error) -> Error {
    match (statement.entity(), statement.assigned.get(at)) {
        (Some(entity), Some(property)) => {
            Error::refused(format!("`{}.{}`: {error}", entity.name, property.name))
        }
        _ => error,
    }
}

/// The thread that runs a statement panicked or was cut short.
fn interrupted(failure: &InteractError) -> Error {
    Error::new(Kind::Connection(failure.to_string()))
}

pub(super) fn pool_error(failure: deadpool_sqlite::PoolError) -> Error {
    match failure {
        deadpool_sqlite::PoolError::Timeout(_) => Error::new(Kind::PoolTimeout),
        other => {
            let kind = Kind::Connection(format!("cannot open the database: {other}"));
            Error::new(kind).because(other)
        }
    }
}
