//! Pools, clients and transactions of `deadpool_postgres`.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Client, PoolError, TimeoutType, Timeouts};
use futures_util::TryFutureExt;
use futures_util::future::try_join_all;
use tokio::runtime::Handle;

use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, Capabilities, EachRow, EachRowOfAll, RoundEnd, RoundTrip};
use crate::driver::encryption::cancel_of_given;
use crate::driver::execute::fetch_in_turn;
use crate::driver::executor::Executor;
use crate::driver::pool::{Database, Pool};
use crate::driver::postgres::acquired::AcquiredPostgres;
use crate::driver::postgres::checked::Certain;
use crate::driver::postgres::connection;
use crate::driver::postgres::connection_pool::Source;
use crate::driver::postgres::connection_pool::{PostgresPool, Usage};
use crate::driver::postgres::failure::Again;
use crate::driver::postgres::pipeline;
use crate::driver::postgres::pooled_connection::read;
use crate::driver::postgres::replicas::Replicas;
use crate::driver::postgres::sqlstate::{connecting, error, no_answer};
use crate::driver::postgres::type_lookup::bounded;
use crate::driver::postgres::value::{WireValue, type_of};
use crate::driver::postgres::{Held, is_simple};
use crate::driver::rows::Rows;
use crate::driver::spawn::current_runtime;
use crate::driver::statement::Statement;
use crate::driver::trace;
use crate::error::{Error, Kind, Result};

/// A pool that somebody else made lends its connections to a `Database`, and is used in its own way
/// beside it.
///
/// A statement whose caller was dropped keeps its connection: the server is asked to stop it, and
/// the place in the pool is free when the server has let go. The request is encrypted where `tls` is
/// built in, as far as the `sslmode` of the pool asks, and does not verify the server's certificate.
/// If it cannot be sent, the place is free when the statement has ended; give such statements a
/// `statement_timeout` of the server. How long a connection may take, and how long one is waited for, is
/// said by the pool.
impl From<deadpool_postgres::Pool> for Database {
    fn from(pool: deadpool_postgres::Pool) -> Self {
        Self::of(Pool::Postgres(used(pool)))
    }
}

/// A pool as one that lends connections.
fn used(pool: deadpool_postgres::Pool) -> PostgresPool {
    let runtime = Handle::try_current().ok();
    let usage = Usage {
        high_latency: false,
        unnamed: false,
        statement_timeout: None,
        details: false,
        tenant_setting: None,
        certain: Certain::default(),
        tracks: false,
        replica_timeout: Duration::ZERO,
        cancel: cancel_of_given(),
        runtime,
    };
    PostgresPool {
        source: Source::Deadpool(pool),
        usage: Arc::new(usage),
        replicas: Replicas::default(),
    }
}

/// A connection of a pool. A timer is set only where one has to be waited for.
pub(crate) async fn lend(pool: &deadpool_postgres::Pool) -> Result<Client> {
    current_runtime()?;
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
        match ($statement.parameters.as_slice(), $statement.sql.tenant_at) {
            // Most statements are by a key; its type needs no list.
            ([key], None) if $statement.by_row == 0 => {
                let types = [type_of(key)];
                let prepared = $client.prepare_typed_cached($statement.sql(), &types);
                bounded(prepared.map_err(error)).await
            }
            _ => {
                let types: Vec<_> = $statement.values().map(type_of).collect();
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
        let values = $statement.values().map(WireValue);
        $client.query_raw(&prepared, values).await.map_err(error)?
    }};
}

macro_rules! prepared {
    ($client:ty, $bound:ident => $asks:expr, transaction: $is_transaction:literal) => {
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

            fn acquire(&self) -> impl Acquired {
                AcquiredPrepared { client: self, transaction: $is_transaction }
            }
        }

        impl Acquired for AcquiredPrepared<&$client> {
            fn capabilities(&self) -> Capabilities {
                let transaction = self.transaction;
                Capabilities { transaction, ..Capabilities::default() }
            }

            async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
                if is_simple(statement) {
                    return self.client.run(statement).await.map(|_| 0);
                }
                Ok(read(prepared_rows!(self.client, statement), each).await?)
            }

            /// All that are prepared beforehand are sent in their order, and answered in it.
            async fn round(
                &mut self,
                round: RoundTrip<'_>,
                each: EachRowOfAll<'_>,
            ) -> Result<RoundEnd> {
                let (client, statements) = (self.client, round.statements);
                if let [_] = statements {
                    fetch_in_turn(self, Engine::Postgres, statements, each).await?;
                    return Ok(RoundEnd::Done);
                }
                let prepared = statements.iter().map(|statement| async move {
                    let prepared = prepared_statement!(client, statement);
                    prepared.map_err(|error| statement.explain(error))
                });
                let prepared = try_join_all(prepared).await?;
                let $bound = client;
                let sent = pipeline::send($asks, statements, &prepared, trace::now());
                sent.await.read(Again::Never, each).await?;
                Ok(RoundEnd::Done)
            }
        }
    };
}

/// A call on a client or a transaction that keeps the statements it has prepared.
struct AcquiredPrepared<C> {
    client: C,
    transaction: bool,
}

prepared!(Client, client => client, transaction: false);

prepared!(deadpool_postgres::Transaction<'_>, transaction => transaction.client(), transaction: true);

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

    fn acquire(&self) -> impl Acquired {
        AcquiredDeadpool { pool: self, kept: None, tree: None }
    }
}

/// A call on a pool that somebody else made.
struct AcquiredDeadpool<'db> {
    pool: &'db deadpool_postgres::Pool,
    kept: Option<Client>,
    /// There once a tree was asked for, which sees one snapshot as through a `Database`.
    tree: Option<Box<AcquiredPostgres<Box<PostgresPool>>>>,
}

impl AcquiredDeadpool<'_> {
    async fn client(&mut self) -> Result<Client> {
        if let Some(connection::PoolClient::Deadpool(client)) =
            self.tree.take().and_then(|mut tree| tree.take_client())
        {
            self.kept = Some(*client);
        }
        match self.kept.take().filter(|kept| !kept.is_closed()) {
            Some(kept) => Ok(kept),
            None => lend(self.pool).await,
        }
    }
}

impl Acquired for AcquiredDeadpool<'_> {
    fn capabilities(&self) -> Capabilities {
        Capabilities { snapshot: true, ..Capabilities::default() }
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        let client = self.client().await?;
        let fetched = client.acquire().fetch(statement, each).await;
        // A client with an unread answer is not kept.
        if fetched.as_ref().map_or_else(Error::is_of_server, |_| true) {
            self.kept = Some(client);
        }
        fetched
    }

    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        let kept = self.kept.take();
        let tree = self.tree.get_or_insert_with(|| {
            Box::new(AcquiredPostgres::new(Box::new(used(self.pool.clone()))))
        });
        if let Some(kept) = kept {
            tree.keep_client(connection::PoolClient::Deadpool(Box::new(kept)));
        }
        tree.round(round, each).await
    }

    async fn end(&mut self) -> Result<RoundEnd> {
        match &mut self.tree {
            Some(tree) => tree.end().await,
            None => Ok(RoundEnd::Done),
        }
    }
}
