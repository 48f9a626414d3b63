//! The connection of one call on a pool.

use std::time::Duration;

use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, Capabilities, EachRow, EachRowOfAll, RoundEnd, RoundTrip};
use crate::driver::execute::fetch_in_turn;
use crate::driver::sqlite::pooled_connection::SqliteConnection;
use crate::driver::sqlite::snapshot::OpenSnapshot;
use crate::driver::sqlite::{Within, lend, run};
use crate::driver::statement::Statement;
use crate::error::{Error, Result};
use crate::value::row::{Row, RowOf};

/// A call on a pool, which keeps the connection of its first statement for all further ones.
pub(crate) struct AcquiredSqlite<'db> {
    pool: &'db deadpool_sqlite::Pool,
    statement_timeout: Option<Duration>,
    details: bool,
    kept: Option<SqliteConnection>,
    /// The transaction of the tree whose rounds are under way.
    snapshot: Option<OpenSnapshot>,
}

impl<'db> AcquiredSqlite<'db> {
    pub(crate) fn new(
        pool: &'db deadpool_sqlite::Pool,
        statement_timeout: Option<Duration>,
        details: bool,
    ) -> Self {
        Self { pool, statement_timeout, details, kept: None, snapshot: None }
    }

    async fn connection(&mut self) -> Result<SqliteConnection> {
        match self.kept.take().filter(|kept| !kept.is_open()) {
            Some(kept) => Ok(kept),
            None => lend(self.pool, self.statement_timeout).await,
        }
    }
}

impl Acquired for AcquiredSqlite<'_> {
    fn capabilities(&self) -> Capabilities {
        Capabilities { snapshot: true, details: self.details, ..Capabilities::default() }
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        self.snapshot = None;
        let connection = self.connection().await?;
        let ran = run(&connection, statement, Within::Nothing, None).await;
        // A connection whose thread has panicked is not kept.
        if !ran.as_ref().is_err_and(Error::is_connection) {
            self.kept = Some(connection);
        }
        ran?.for_each(each).await
    }

    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        let RoundTrip { statements, number, is_last, .. } = round;
        if number == 0 {
            self.snapshot = None;
            if statements.len() < 2 && is_last {
                fetch_in_turn(self, Engine::Sqlite, statements, each).await?;
                return Ok(RoundEnd::Done);
            }
        }
        let mut open = match self.snapshot.take() {
            Some(open) => open,
            None => OpenSnapshot { connection: self.connection().await?, begun: false },
        };
        let answers = open.run(statements, is_last).await?;
        self.snapshot = Some(open);
        for (number, answer) in answers.into_iter().enumerate() {
            answer.for_each(|cells, names| each(number, &Row(RowOf::Sqlite { cells, names })))?;
        }
        Ok(RoundEnd::Done)
    }

    async fn end(&mut self) -> Result<RoundEnd> {
        let Some(mut open) = self.snapshot.take() else { return Ok(RoundEnd::Done) };
        if open.begun {
            open.run(&[], true).await?;
        }
        self.kept = Some(open.connection);
        Ok(RoundEnd::Done)
    }
}
