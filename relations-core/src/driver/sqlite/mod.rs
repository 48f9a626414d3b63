//! SQLite, on `rusqlite`, each statement on a thread of its own where it may block.

pub(crate) mod acquired;
pub(crate) mod busy_handler;
#[cfg(any(feature = "chrono", feature = "time"))]
pub(crate) mod calendar;
pub(crate) mod checked_arithmetic;
#[cfg(feature = "rust_decimal")]
pub(crate) mod decimal;
pub(crate) mod declared;
pub(crate) mod deferred_key;
pub(crate) mod foreign_key_violation;
pub(crate) mod functions;
#[cfg(feature = "json")]
pub(crate) mod json;
pub(crate) mod pooled_connection;
pub(crate) mod result_code;
pub(crate) mod rows;
pub(crate) mod snapshot;
pub(crate) mod spelling;
pub(crate) mod steps;
pub(crate) mod upsert;
pub(crate) mod url;
pub(crate) mod without_keys;

use std::borrow::Cow;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value as Stored;
use sea_query::Value as SqlValue;

use crate::dialect::StatementSql;
use crate::driver::rows::{Answer, Rows};
use crate::driver::spawn::current_runtime;
use crate::driver::sqlite::pooled_connection::SqliteConnection;
use crate::driver::sqlite::result_code::{error, error_at_end, opening};
use crate::driver::sqlite::steps::{answer_in_steps, answer_or_else};
use crate::driver::statement::{Otherwise, Statement};
use crate::driver::transaction::rolled_back;
use crate::driver::transaction::savepoint_gate::StatementPermit;
use crate::error::{Error, Kind, Result};
use crate::sql::operation::Operation;
use crate::sql::predicate::{FOLD_CASE, folded};
use crate::value::parameter::Values;
use crate::value::row::{Row, RowOf};
use crate::value::sqlite_encode::store;

/// The rows of an answer, which SQLite gives all at once.
#[derive(Default)]
pub(crate) struct SqliteAnswer {
    rows: Vec<Vec<Stored>>,
    /// The names of the columns, of SQL that is the user's own.
    names: Vec<String>,
    changed: u64,
}

impl SqliteAnswer {
    /// The answer to a statement of that operation. SQLite tells how many rows the last statement
    /// changed that changes rows, which others do not.
    fn counted(mut self, operation: Operation) -> Self {
        let changes = matches!(
            operation,
            Operation::Insert | Operation::Update | Operation::Delete | Operation::Raw
        );
        if !changes {
            self.changed = self.rows.len() as u64;
        }
        self
    }

    /// Makes sure that the rows of a write fit.
    fn check(&self, statement: &Statement) -> Result<()> {
        let Some(returned) = &statement.returned else { return Ok(()) };
        let mut rows = self.rows.iter();
        rows.try_for_each(|cells| returned.row(&Row(RowOf::Sqlite { cells, names: &[] })))?;
        returned.number(self.rows.len(), self.changed, statement.entity())
    }

    /// The row of a number, and the names of its columns.
    pub(crate) fn row(&self, number: usize) -> Option<(&[Stored], &[String])> {
        self.rows.get(number).map(|row| (row.as_slice(), self.names.as_slice()))
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn for_each(
        self,
        mut each: impl FnMut(&[Stored], &[String]) -> Result<()>,
    ) -> Result<u64> {
        self.rows.iter().try_for_each(|row| each(row, &self.names))?;
        Ok(self.changed)
    }
}

/// Prepares a new connection: foreign keys are enforced, `LIKE` heeds case as PostgreSQL's does,
/// and what SQLite lacks is added.
pub(crate) fn prepare(connection: &Connection, wait: std::time::Duration) -> rusqlite::Result<()> {
    busy_handler::wait_for(wait);
    busy_handler::heed(connection)?;
    harden(connection)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "case_sensitive_like", true)?;
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(FOLD_CASE, 1, flags, |arguments| {
        Ok(arguments.get::<Option<String>>(0)?.map(|text| folded(&text)))
    })?;
    checked_arithmetic::prepare(connection)?;
    functions::prepare(connection)?;
    spelling::prepare(connection)?;
    #[cfg(feature = "rust_decimal")]
    decimal::prepare(connection)?;
    // A file is not looked into before it is asked for something.
    connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()))
}

/// Turns off what SQLite keeps for old programs. A `"name"` that is not a column is an error, and not a
/// text; what a file's own schema says calls no function that could do harm; and nobody writes to the
/// schema but by statements that define tables.
fn harden(connection: &Connection) -> rusqlite::Result<()> {
    for (setting, is_on) in [
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
    ] {
        connection.set_db_config(setting, is_on)?;
    }
    Ok(())
}

/// The surroundings of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// It holds by itself.
    Nothing,
    Transaction {
        read_only: bool,
    },
}

impl Within {
    /// The error of a statement whose transaction has ended by itself. Some failures take
    /// back the whole transaction; what follows would then hold by itself.
    fn has_ended(
        self,
        connection: &Connection,
        statement: &Statement,
    ) -> Option<Result<SqliteAnswer>> {
        let has_ended = matches!(self, Self::Transaction { .. })
            && connection.is_autocommit()
            && statement.operation() != Operation::Begin;
        has_ended.then(|| {
            if statement.operation() == Operation::Rollback && statement.sql() == "ROLLBACK" {
                Ok(SqliteAnswer::default())
            } else {
                Err(rolled_back())
            }
        })
    }
}

/// Runs a statement on a connection. It gives up its place in a transaction when it is begun.
pub(crate) async fn run(
    connection: &SqliteConnection,
    statement: &Statement,
    within: Within,
    place: Option<StatementPermit>,
) -> Result<Rows> {
    if let Some(rows) = statement.rows {
        return run_for_each(connection, statement, within, place, rows).await;
    }
    let (values, statement) = (sent_values(statement)?, statement.clone());
    let answer = connection.interact(within, place, move |connection| {
        if let Some(answer) = within.has_ended(connection, &statement) {
            return answer;
        }
        if statement.operation() == Operation::Begin && is_read_only(connection) {
            // Nothing can be written, so there is nothing to reserve.
            let begin =
                Statement::new(Operation::Begin, StatementSql::open("BEGIN"), Values::new());
            return answer(connection, &begin, &[], within);
        }
        match &statement.otherwise {
            Some(Otherwise::NoRow { sql, .. }) => {
                answer_or_else(connection, &statement, sql, &values, within)
            }
            Some(Otherwise::Steps(steps)) => {
                answer_in_steps(connection, &statement, steps, &values, within)
            }
            _ => answer(connection, &statement, &values, within),
        }
    });
    Ok(Rows(Answer::Sqlite(answer.await?)))
}

/// The values of a statement, as SQLite stores them.
fn sent_values(statement: &Statement) -> Result<Vec<Stored>> {
    let values = statement.parameters.iter().enumerate();
    values
        .map(|(at, value)| store(value).map_err(|error| about_parameter(statement, at, error)))
        .collect()
}

/// Runs a statement for each row of its parameters, all of them or none.
async fn run_for_each(
    connection: &SqliteConnection,
    statement: &Statement,
    within: Within,
    place: Option<StatementPermit>,
    rows: usize,
) -> Result<Rows> {
    let mut values: Vec<Vec<Stored>> =
        (0..rows).map(|_| Vec::with_capacity(statement.parameters.len())).collect();
    for (at, array) in statement.parameters.iter().enumerate() {
        let SqlValue::Array(_, Some(elements)) = array else {
            return Err(Error::invalid_request("a parameter for several rows is not an array"));
        };
        for (row, element) in values.iter_mut().zip(elements.iter()) {
            row.push(store(element).map_err(|error| about_parameter(statement, at, error))?);
        }
    }
    let statement = statement.without_values();
    // Nobody sees the connection in between, whatever becomes of who waits for this.
    let answer = connection.interact(within, place, move |connection| {
        if let Some(answer) = within.has_ended(connection, &statement) {
            return answer;
        }
        match &statement.otherwise {
            Some(Otherwise::NoRow { sql, each_once }) => {
                upsert::rows(connection, &statement, sql, *each_once, &values, within)
            }
            _ => rows::insert(connection, &statement, values, within),
        }
    });
    Ok(Rows(Answer::Sqlite(answer.await?)))
}

/// Whether a statement may run where it is within.
enum Permitted {
    Yes,
    No,
}

impl Permitted {
    fn permitted(self) -> Result<()> {
        match self {
            Self::Yes => Ok(()),
            Self::No => Err(Error::new(Kind::ReadOnly)),
        }
    }
}

/// Does some work of which all is done or nothing, whatever fails in it.
fn all_or_nothing<T>(
    connection: &Connection,
    statement: &Statement,
    work: impl FnOnce(&Connection) -> Result<T>,
) -> Result<T> {
    let control = |sql| {
        let done = connection.prepare_cached(sql).and_then(|mut prepared| prepared.execute([]));
        done.map_err(|failure| error_at_end(connection, statement, failure))
    };
    let alone = connection.is_autocommit();
    control("SAVEPOINT statement")?;
    let done = work(connection).and_then(|done| control("RELEASE statement").map(|_| done));
    // Some failures roll back by themselves.
    if done.is_err() && !connection.is_autocommit() {
        let mut undone = Ok(0);
        if !alone {
            undone = control("ROLLBACK TO statement").and_then(|_| control("RELEASE statement"));
        }
        if alone || undone.is_err() {
            control("ROLLBACK")?;
        }
    }
    done
}

/// The answer to a statement. What it wrote is kept only if its rows fit.
fn answer(
    connection: &Connection,
    statement: &Statement,
    values: &[Stored],
    within: Within,
) -> Result<SqliteAnswer> {
    let run = |connection: &Connection| {
        let mut answer = SqliteAnswer::default();
        let run = execute(&mut answer, connection, statement, values, within);
        run.map_err(|failure| error(connection, statement, values, failure))?.permitted()?;
        answer.check(statement)?;
        Ok(answer.counted(statement.operation()))
    };
    if statement.returned.is_some() {
        all_or_nothing(connection, statement, run)
    } else {
        run(connection)
    }
}

/// Runs a statement and adds its answer to that of others, unless it would write where one may only
/// read.
fn execute(
    answer: &mut SqliteAnswer,
    connection: &Connection,
    statement: &Statement,
    values: &[Stored],
    within: Within,
) -> rusqlite::Result<Permitted> {
    let mut prepared = connection.prepare_cached(statement.sql())?;
    if within == (Within::Transaction { read_only: true }) && !prepared.readonly() {
        return Ok(Permitted::No);
    }
    if statement.operation() == Operation::Raw {
        *answer = raw(connection, &mut prepared, values)?;
        // It ends with the transaction, which here would be that of the next borrower.
        if connection.is_autocommit() && mentions(statement.sql(), DEFER_KEYS) {
            connection.pragma_update(None, DEFER_KEYS, false)?;
        }
        return Ok(Permitted::Yes);
    }
    let (columns, before) = (prepared.column_count(), answer.rows.len());
    let taken = match &statement.otherwise {
        Some(Otherwise::NoRow { .. }) => {
            let tenant = usize::from(statement.sql.tenant_at.is_some());
            values.get(..prepared.parameter_count().saturating_sub(tenant))
        }
        _ => None,
    };
    let values = with_tenant(statement, taken.unwrap_or(values))?;
    let mut rows = prepared.query(rusqlite::params_from_iter(&*values))?;
    while let Some(row) = rows.next()? {
        answer.rows.push(cells(row, columns)?);
    }
    drop(rows);
    let read = (answer.rows.len() - before) as u64;
    answer.changed += if columns == 0 { connection.changes() } else { read };
    Ok(Permitted::Yes)
}

/// The values of a statement, with that of the tenant among them.
fn with_tenant<'a>(
    statement: &Statement,
    values: &'a [Stored],
) -> rusqlite::Result<Cow<'a, [Stored]>> {
    let Some((at, tenant)) = statement.sql.tenant_at.zip(statement.tenant.get()) else {
        return Ok(Cow::Borrowed(values));
    };
    let tenant =
        store(tenant).map_err(|error| rusqlite::Error::InvalidParameterName(error.to_string()))?;
    let mut all = values.to_vec();
    all.insert(at.min(all.len()), tenant);
    Ok(Cow::Owned(all))
}

const DEFER_KEYS: &str = "defer_foreign_keys";

fn mentions(sql: &str, word: &str) -> bool {
    let mut parts = sql.as_bytes().windows(word.len());
    parts.any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

/// Runs SQL of the user's own, and tells the names of its columns.
fn raw(
    connection: &Connection,
    prepared: &mut rusqlite::Statement<'_>,
    values: &[Stored],
) -> rusqlite::Result<SqliteAnswer> {
    // To SQLite `$2` is a name, and the first name that it meets is its first parameter.
    for index in 1..=prepared.parameter_count() {
        let name = prepared.parameter_name(index).unwrap_or("?");
        let number = name.strip_prefix('$').and_then(|number| number.parse::<usize>().ok());
        match number.and_then(|number| values.get(number.checked_sub(1)?)) {
            Some(value) => prepared.raw_bind_parameter(index, value)?,
            None => return Err(rusqlite::Error::InvalidParameterName(name.to_owned())),
        }
    }
    let (mut names, mut rows) = (Vec::new(), Vec::new());
    let before = connection.total_changes();
    let mut stepped = prepared.raw_query();
    while let Some(row) = stepped.next()? {
        if rows.is_empty() {
            // Only now it is known what `*` means to a table that others change.
            names = row.as_ref().column_names().into_iter().map(str::to_owned).collect();
        }
        rows.push(cells(row, names.len())?);
    }
    drop(stepped);
    let changed = if prepared.column_count() > 0 {
        rows.len() as u64
    } else if connection.total_changes() == before {
        // A statement that changes no rows leaves the number of an earlier one.
        0
    } else {
        connection.changes()
    };
    Ok(SqliteAnswer { rows, names, changed })
}

fn cells(row: &rusqlite::Row<'_>, columns: usize) -> rusqlite::Result<Vec<Stored>> {
    (0..columns).map(|at| row.get(at)).collect()
}

/// Whether a file was opened to be read alone.
fn is_read_only(connection: &Connection) -> bool {
    connection.is_readonly(rusqlite::MAIN_DB).unwrap_or(false)
}

/// The error of a value with the property that it is for.
fn about_parameter(statement: &Statement, at: usize, error: Error) -> Error {
    match (statement.entity(), statement.assigned.get(at)) {
        (Some(entity), Some(property)) => {
            Error::invalid_request(format!("`{}.{}`: {error}", entity.name, property.name))
        }
        _ => error,
    }
}

/// A connection of a pool.
pub(crate) async fn lend(
    pool: &deadpool_sqlite::Pool,
    statement_timeout: Option<std::time::Duration>,
) -> Result<SqliteConnection> {
    let runtime = current_runtime()?;
    let connection = pool.get().await.map_err(opening)?;
    Ok(SqliteConnection::new(connection, pool.timeouts().wait, statement_timeout, runtime))
}
