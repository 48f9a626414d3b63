//! What somebody else made with `deadpool_postgres`: pools, their clients, and transactions.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Client, PoolError, TimeoutType, Timeouts};
use futures_util::TryFutureExt;
use futures_util::future::try_join_all;
use tokio::runtime::Handle;

use crate::dialect::Engine;
use crate::driver::encryption::cancel_of_given;
use crate::driver::execute::fetch_each;
use crate::driver::executor::{EachRow, Executor};
use crate::driver::pool::{Database, Pool as AnyPool};
use crate::driver::postgres::checked::Certain;
use crate::driver::postgres::connection::Source;
use crate::driver::postgres::pooled_connection::read;
use crate::driver::postgres::retry::{Pool, Usage};
use crate::driver::postgres::sqlstate::{connecting, error, no_answer};
use crate::driver::postgres::type_lookup::bounded;
use crate::driver::postgres::value::{WireValue, type_of};
use crate::driver::postgres::{Held, end, is_simple, polled_once};
use crate::driver::rows::Rows;
use crate::driver::snapshot::Rounds;
use crate::driver::statement::Statement;
use crate::driver::trace::Trace;
use crate::error::{Error, Kind, Result};
use crate::value::row::Row;

/// A pool that somebody else made lends its connections to a `Database`, and is used in its own way
/// beside it.
///
/// A statement that nobody waits for any more keeps its connection: the server is asked to stop it, and
/// the place in the pool is free when the server has let go. The request is encrypted where `tls` is
/// built in, as far as the `sslmode` of the pool asks, and does not verify the server's certificate.
/// Where it cannot be sent the place is free when the statement has ended; give such statements a
/// `statement_timeout` of the server. How long a connection may take, and how long one is waited for, is
/// said by the pool.
impl From<deadpool_postgres::Pool> for Database {
    fn from(pool: deadpool_postgres::Pool) -> Self {
        Self::of(AnyPool::Postgres(used(pool)))
    }
}

/// A pool as one that lends connections.
fn used(pool: deadpool_postgres::Pool) -> Pool {
    let runtime = Handle::try_current().ok();
    let usage = Usage {
        high_latency: false,
        unnamed: false,
        statement_timeout: None,
        details: false,
        certain: Certain::default(),
        cancel: cancel_of_given(),
        runtime,
    };
    Pool { source: Source::Deadpool(pool), usage: Arc::new(usage) }
}

/// A connection of a pool. A timer is set only where one has to be waited for.
pub(crate) async fn lend(pool: &deadpool_postgres::Pool) -> Result<Client> {
    let at_once = Timeouts { wait: Some(Duration::ZERO), ..pool.timeouts() };
    let lent = match pool.timeout_get(&at_once).await {
        Err(PoolError::Timeout(TimeoutType::Wait)) => Box::pin(pool.get()).await,
        lent => lent,
    };
    lent.map_err(|failure| match failure {
        PoolError::Backend(failure) => connecting(failure),
        PoolError::Timeout(TimeoutType::Wait) => Error::new(Kind::PoolTimeout),
        PoolError::Timeout(_) => no_answer(),
        other => Error::new(Kind::Connection(other.to_string())).because(other),
    })
}

/// A statement of a client that keeps those it has prepared.
macro_rules! prepared_statement {
    ($client:expr, $statement:expr) => {{
        match $statement.parameters.as_slice() {
            // Most statements are by a key; its type needs no list.
            [key] => {
                let types = [type_of(key)];
                let prepared = $client.prepare_typed_cached($statement.sql(), &types);
                bounded(prepared.map_err(error)).await
            }
            several => {
                let types: Vec<_> = several.iter().map(type_of).collect();
                let prepared = $client.prepare_typed_cached($statement.sql(), &types);
                bounded(prepared.map_err(error)).await
            }
        }
    }};
}

/// The prepared statement, which is prepared now if it never was.
pub(crate) async fn prepared(
    client: &Client,
    statement: &Statement,
) -> Result<tokio_postgres::Statement> {
    prepared_statement!(client, statement)
}

/// Forgets what was prepared, here and on all other connections of the pool.
pub(crate) fn forget(client: &Client) {
    client.statement_cache.clear();
    if let Some(pool) = Client::pool(client) {
        pool.manager().statement_caches.clear();
    }
}

/// The rows of a statement, which is prepared once.
macro_rules! prepared_rows {
    ($client:expr, $statement:expr) => {{
        let prepared = prepared_statement!($client, $statement)?;
        let values = $statement.parameters.iter().map(WireValue);
        $client.query_raw(&prepared, values).await.map_err(error)?
    }};
}

macro_rules! prepared {
    ($client:ty, transaction: $is_transaction:literal) => {
        impl Executor for $client {
            fn engine(&self) -> Engine {
                Engine::Postgres
            }

            async fn run(&self, statement: &Statement) -> Result<Rows> {
                if is_simple(statement) {
                    self.batch_execute(statement.sql()).await.map_err(error)?;
                    return Ok(Rows::none());
                }
                Ok(Rows::postgres(prepared_rows!(self, statement)))
            }

            async fn fetch(&self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
                if is_simple(statement) {
                    return self.run(statement).await.map(|_| 0);
                }
                Ok(read(prepared_rows!(self, statement), each).await?)
            }

            /// All that are prepared beforehand are sent in their order, and answered in it.
            async fn run_all(
                &self,
                statements: &[Statement],
                mut each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
            ) -> Result<()> {
                if let [only] = statements {
                    return fetch_each(self, only, &mut |row| each(0, row)).await.map(drop);
                }
                let prepared = statements.iter().map(|statement| async move {
                    let prepared = prepared_statement!(self, statement);
                    prepared.map_err(|error| statement.explain(error))
                });
                let prepared = try_join_all(prepared).await?;
                let sent = statements.iter().zip(&prepared).map(|(statement, prepared)| {
                    let trace = Trace::begin(Engine::Postgres, statement);
                    async move {
                        let values = statement.parameters.iter().map(WireValue);
                        let rows = self.query_raw(prepared, values).await.map_err(error);
                        (trace, rows.map(Rows::postgres))
                    }
                });
                // Each is sent when it is first polled.
                for (number, mut one) in polled_once(sent).await.into_iter().enumerate() {
                    one.as_mut().await;
                    if let Some((trace, rows)) = one.as_mut().take_output() {
                        end(trace, rows, &mut |row| each(number, row)).await?;
                    }
                }
                Ok(())
            }

            fn is_transaction(&self) -> bool {
                $is_transaction
            }
        }
    };
}

prepared!(Client, transaction: false);

prepared!(deadpool_postgres::Transaction<'_>, transaction: true);

impl Executor for deadpool_postgres::Pool {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        let client = lend(self).await?;
        if is_simple(statement) {
            return client.run(statement).await;
        }
        Ok(Rows::postgres(prepared_rows!(client, statement)).held(Held::Given(Box::new(client))))
    }

    async fn run_all(
        &self,
        statements: &[Statement],
        each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
    ) -> Result<()> {
        lend(self).await?.run_all(statements, each).await
    }
    /// A connection is lent for the call, so nobody else is within its transaction.
    async fn run_rounds(&self, rounds: &mut dyn Rounds) -> Result<()> {
        used(self.clone()).run_rounds(rounds).await
    }

    fn has_snapshot(&self) -> bool {
        true
    }
}
