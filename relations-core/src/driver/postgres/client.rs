//! A client of the user's own that keeps the statements it has prepared.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::try_join_all;

use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, Capabilities, EachRow, EachRowOfAll, RoundEnd, RoundTrip};
use crate::driver::execute::fetch_in_turn;
use crate::driver::executor::Executor;
use crate::driver::postgres::failure::{Again, Failure};
use crate::driver::postgres::is_simple;
use crate::driver::postgres::pipeline;
use crate::driver::postgres::pipeline::{Gathered, end};
use crate::driver::postgres::pooled_connection::read;
use crate::driver::postgres::statement_cache::StatementCache;
use crate::driver::postgres::value::WireValue;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::driver::trace;
use crate::error::{Error, Result};

/// A `tokio_postgres` client with a statement cache.
///
/// A bare `tokio_postgres::Client` is an [`Executor`] as well. It has nowhere to keep prepared statements,
/// so the server parses and plans each statement again, and a query by a key takes some 1.7 times as long
/// as through a pool. This keeps up to 500 statements, as a connection of a [`Database`](crate::Database)
/// does.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id(generated)] id: i64, quantity: i32 }
/// # async fn run(client: tokio_postgres::Client) -> relations::Result<()> {
/// use relations::driver::Client;
///
/// let client = Client::new(client);
/// let order = Order::find_by_id(1).one(&client).await?;
/// # Ok(())
/// # }
/// ```
///
/// It cannot be used through a pooler in front of the server that gives each statement another connection
/// and does not know prepared statements, such as `PgBouncer` before 1.21; use the bare client there.
///
/// A statement whose plan no longer fits, because a table was changed or the server has forgotten it, is
/// prepared again. In a transaction that was begun on the client itself, such a statement fails, and the
/// transaction with it.
#[doc(alias = "prepared statement")]
#[doc(alias = "statement cache")]
pub struct Client {
    inner: tokio_postgres::Client,
    statements: StatementCache,
    /// The number of times that a plan no longer fit.
    changes: AtomicUsize,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// A client with an empty statement cache.
    #[must_use]
    pub fn new(client: tokio_postgres::Client) -> Self {
        Self { inner: client, statements: StatementCache::default(), changes: AtomicUsize::new(0) }
    }

    /// The client, for statements of your own.
    #[must_use]
    pub const fn get_ref(&self) -> &tokio_postgres::Client {
        &self.inner
    }

    /// The client by a mutable reference, as `tokio_postgres::Client::transaction` wants it. The
    /// transaction is an [`Executor`] that keeps no statements.
    pub const fn get_mut(&mut self) -> &mut tokio_postgres::Client {
        &mut self.inner
    }

    /// The client by itself.
    #[must_use]
    pub fn into_inner(self) -> tokio_postgres::Client {
        self.inner
    }

    /// The prepared statement, which is prepared now if it never was.
    async fn prepared(&self, statement: &Statement) -> Result<tokio_postgres::Statement> {
        match self.statements.get(statement, self.changes.load(Ordering::Relaxed)) {
            Some(kept) => Ok(kept),
            None => Box::pin(self.statements.prepare(&self.inner, statement)).await,
        }
    }

    /// Sends a statement that is prepared; once more if its plan no longer fits.
    async fn send(&self, statement: &Statement) -> Result<tokio_postgres::RowStream, Failure> {
        let failure = match self.send_prepared(statement).await {
            Ok(rows) => return Ok(rows),
            Err(failure) => failure,
        };
        if !self.forget_changed(&failure.error) {
            return Err(failure);
        }
        match Box::pin(self.send_prepared(statement)).await {
            // A transaction that was begun on the client has failed with the first error.
            Err(again) if again.error.is_within_failed_transaction() => Err(failure),
            sent => sent,
        }
    }

    async fn send_prepared(
        &self,
        statement: &Statement,
    ) -> Result<tokio_postgres::RowStream, Failure> {
        let prepared = self.prepared(statement).await.map_err(Failure::unsent)?;
        let values = statement.values().map(WireValue);
        self.inner.query_raw(&prepared, values).await.map_err(Failure::of)
    }

    /// Forgets all statements if the plan of one no longer fits, and tells whether that is so.
    fn forget_changed(&self, error: &Error) -> bool {
        let changed = error.is_plan_changed();
        if changed {
            self.changes.fetch_add(1, Ordering::Relaxed);
        }
        changed
    }
}

impl Executor for Client {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        if is_simple(statement) {
            return self.inner.run(statement).await;
        }
        Ok(Rows::postgres(self.send(statement).await?))
    }

    fn acquire(&self) -> impl Acquired {
        AcquiredClientWithCache(self)
    }
}

/// A call on a client that keeps the statements it has prepared.
struct AcquiredClientWithCache<'db>(&'db Client);

impl Acquired for AcquiredClientWithCache<'_> {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        if is_simple(statement) {
            return self.0.run(statement).await.map(|_| 0);
        }
        Ok(read(self.0.send(statement).await?, each).await?)
    }

    /// All that are prepared beforehand are sent in their order, and answered in it.
    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        let (client, statements) = (self.0, round.statements);
        if let [_] = statements {
            fetch_in_turn(self, Engine::Postgres, statements, each).await?;
            return Ok(RoundEnd::Done);
        }
        let prepared = statements.iter().map(|statement| async move {
            client.prepared(statement).await.map_err(|error| statement.explain(error))
        });
        let prepared = try_join_all(prepared).await?;
        let sent = pipeline::send(&client.inner, statements, &prepared, trace::now()).await;
        for Gathered { number, statement, trace, mut rows } in
            sent.read(Again::Once, each).await.map_err(Error::from)?
        {
            if let Err(error) = &rows
                && client.forget_changed(error)
            {
                rows = client.run(statement).await;
            }
            end(trace, rows, &mut |row| each(number, row)).await?;
        }
        Ok(RoundEnd::Done)
    }
}
