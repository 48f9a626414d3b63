//! One snapshot for all statements of a tree: a transaction that only reads, on one connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::Connection;

use crate::dialect::{Engine, StatementSql};
use crate::driver::sqlite::pooled_connection::SqliteConnection;
use crate::driver::sqlite::result_code::error;
use crate::driver::sqlite::{SqliteAnswer, Within, sent_values};
use crate::driver::statement::Statement;
use crate::driver::trace;
use crate::driver::trace::Trace;
use crate::error::{Error, Result};
use crate::sql::operation::Operation;
use crate::value::parameter::Values;

const BEGIN: &str = "BEGIN DEFERRED";

const COMMIT: &str = "COMMIT";

const ROLLBACK: &str = "ROLLBACK";

/// A connection within a transaction that only reads. If this is dropped before the transaction ends,
/// the connection rolls back by itself.
pub(crate) struct OpenSnapshot {
    pub(crate) connection: SqliteConnection,
    pub(crate) begun: bool,
}

impl OpenSnapshot {
    /// Runs statements one after another, on the thread of the connection; each is answered whole.
    pub(crate) async fn run(
        &mut self,
        statements: &[Statement],
        commit: bool,
    ) -> Result<Vec<SqliteAnswer>> {
        let begin = !std::mem::replace(&mut self.begun, true);
        let since = trace::now();
        let mut work = Vec::with_capacity(statements.len());
        for statement in statements {
            work.push((statement.clone(), sent_values(statement)?));
        }
        let within = Within::Transaction { read_only: true };
        // An error has to come out as one, by which a statement that took too long is known.
        let failed = Arc::new(AtomicUsize::new(usize::MAX));
        let at = Arc::clone(&failed);
        let ran = self.connection.interact(within, None, move |connection| {
            let ran = run(connection, &work, begin, commit);
            if ran.is_err() && !connection.is_autocommit() {
                let _ = connection.execute_batch(ROLLBACK);
            }
            ran.map_err(|(number, error)| {
                at.store(number, Ordering::Relaxed);
                error
            })
        });
        let tell = |statement: &Statement, rows: Result<u64, &Error>| {
            Trace::begun(Engine::Sqlite, statement, since).ended(rows);
        };
        let control = |operation, sql: &str| {
            if since.is_some() {
                tell(&Statement::new(operation, StatementSql::exempt(sql), Values::new()), Ok(0));
            }
        };
        match ran.await {
            Ok(answers) => {
                if begin {
                    control(Operation::Begin, BEGIN);
                }
                for (statement, answer) in statements.iter().zip(&answers) {
                    tell(statement, Ok(answer.changed));
                }
                if commit {
                    control(Operation::Commit, COMMIT);
                    self.begun = false;
                }
                Ok(answers)
            }
            Err(error) => {
                let failed = failed.load(Ordering::Relaxed);
                let Some(statement) = statements.get(failed) else { return Err(error) };
                let error = statement.explain(error);
                tell(statement, Err(&error));
                Err(error)
            }
        }
    }
}

/// The answers to statements, or the number of the one that failed.
fn run(
    connection: &Connection,
    statements: &[(Statement, Vec<super::Stored>)],
    begin: bool,
    commit: bool,
) -> Result<Vec<SqliteAnswer>, (usize, Error)> {
    let control = |sql: &str| {
        let statement = Statement::new(Operation::Begin, StatementSql::exempt(sql), Values::new());
        let done = connection.execute_batch(sql);
        done.map_err(|failure| (usize::MAX, error(connection, &statement, &[], failure)))
    };
    if begin {
        control(BEGIN)?;
    }
    let mut answers = Vec::with_capacity(statements.len());
    for (number, (statement, values)) in statements.iter().enumerate() {
        let answer = crate::driver::sqlite::answer(connection, statement, values, Within::Nothing);
        answers.push(answer.map_err(|error| (number, error))?);
    }
    if commit {
        control(COMMIT)?;
    }
    Ok(answers)
}
