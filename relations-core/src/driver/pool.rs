//! A database: a pool of connections to one engine.

use std::fmt;
use std::sync::Arc;

use crate::dialect::Engine;
use crate::driver::acquired::{
    Acquired, Capabilities, EachRow, EachRowOfAll, RoundEnd, RoundTrip, capabilities,
};
use crate::driver::causal::WrittenPosition;
use crate::driver::coalesce::Batched;
#[cfg(feature = "postgres")]
use crate::driver::coalesce::Crowded;
use crate::driver::connection::Connection;
use crate::driver::executor::Executor;
use crate::driver::observers::Observers;
#[cfg(feature = "postgres")]
use crate::driver::postgres::acquired::AcquiredPostgres;
#[cfg(feature = "postgres")]
use crate::driver::postgres::connection_pool::PostgresPool;
#[cfg(feature = "postgres")]
use crate::driver::postgres::routed::AcquiredRouted;
use crate::driver::rows::Rows;
#[cfg(feature = "sqlite")]
use crate::driver::sqlite::acquired::AcquiredSqlite;
use crate::driver::statement::Statement;
use crate::driver::tenant::{TenantRows, TransactionRows};
use crate::driver::transaction::Transaction;
use crate::driver::transaction::options::TransactionOptions;
use crate::driver::transaction::retry::Transactional;
use crate::error::Result;

/// A connection pool.
///
/// Clones share the pool. [`connect`](crate::connect) and [`ConnectOptions`](crate::ConnectOptions) create one.
/// With the feature `deadpool-postgres` it can also be created `From` a pool of `deadpool_postgres`.
#[derive(Clone)]
#[doc(alias = "connection pool")]
#[doc(alias = "pool")]
pub struct Database {
    pool: Arc<Pool>,
    /// The position up to which it and its clones have written, where there are replicas.
    written: Arc<WrittenPosition>,
    /// Whether rows of tenants are seen through an executor of their tenant only.
    pub(super) requires_tenant: bool,
    /// The observers of what is written through it.
    pub(super) observers: Option<Arc<Observers>>,
    /// Gathers look-ups that find no free connection; none within that itself.
    crowded: Option<Batched>,
}

pub(crate) enum Pool {
    #[cfg(feature = "postgres")]
    Postgres(PostgresPool),
    #[cfg(feature = "sqlite")]
    Sqlite {
        pool: deadpool_sqlite::Pool,
        /// A database in memory lives as long as somebody has it open.
        open: Option<deadpool_sqlite::Connection>,
        /// The runtime on which connections are closed, wherever they are dropped.
        runtime: tokio::runtime::Handle,
        /// The longest time of a statement.
        statement_timeout: Option<std::time::Duration>,
        /// Whether errors tell the values that the database tells.
        details: bool,
    },
}

#[cfg(feature = "sqlite")]
impl Drop for Pool {
    fn drop(&mut self) {
        #[cfg_attr(not(feature = "postgres"), allow(irrefutable_let_patterns))]
        if let Self::Sqlite { pool, open, runtime, .. } = self {
            // Outside of a runtime, which this may be, a connection cannot be closed.
            let _inside = runtime.enter();
            *open = None;
            pool.close();
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Database").field("engine", &self.engine()).finish_non_exhaustive()
    }
}

impl Database {
    pub(crate) fn of(pool: Pool) -> Self {
        let pool = Arc::new(pool);
        let (requires_tenant, observers, crowded) = (false, None, None);
        Self { pool, written: Arc::default(), requires_tenant, observers, crowded }.gathering()
    }

    /// This database, whose look-ups meet in one statement where they would wait for a connection.
    fn gathering(self) -> Self {
        let alone = Self { crowded: None, ..self };
        Self { crowded: Some(Batched::new(alone.clone())), ..alone }
    }

    /// Refuses statements about entities with a `#[tenant]` on this database and its transactions, unless
    /// they run through [`tenant`](Self::tenant): a forgotten tenant is then an error, not a leak.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Debug, Entity)]
    /// # struct Order { #[id(generated)] id: i64, #[tenant] tenant_id: i64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> relations::Result<()> {
    /// let db = relations::connect("sqlite::memory:").await?.require_tenant();
    /// # db.create(schema![Order]).await?;
    /// let error = Order::find().all(&db).await.unwrap_err();
    /// assert!(error.is_invalid_request());
    /// assert!(Order::find().all(&db.tenant(7_i64)).await?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Entities without a tenant, definitions of tables and SQL of your own are not affected.
    #[must_use]
    #[doc(alias = "multi-tenancy")]
    pub fn require_tenant(self) -> Self {
        Self { requires_tenant: true, ..self }.gathering()
    }

    /// The number of connections that may have been closed while they were unused.
    pub(super) fn connections(&self) -> usize {
        match &*self.pool {
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => pool.connections(),
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { .. } => 0,
        }
    }

    /// Whether reads may go to replicas.
    pub(super) fn has_replicas(&self) -> bool {
        match &*self.pool {
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => !pool.replicas.is_empty(),
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { .. } => false,
        }
    }

    /// Whether its servers are chosen so that they can write.
    pub(super) fn writes(&self) -> bool {
        match &*self.pool {
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => pool.writes(),
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { .. } => false,
        }
    }

    /// Whether the server is so far that a round trip costs more than to repeat a query, as measured
    /// by [`connect`](crate::connect) or set by
    /// [`high_latency`](crate::ConnectOptions::high_latency). Includes that would be batched are
    /// pipelined then; see [`Strategy`](crate::include::Strategy).
    #[must_use]
    pub fn is_high_latency(&self) -> bool {
        capabilities(self).high_latency
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The rows of tenants that its transactions see.
    pub(super) fn transaction_rows(&self) -> TransactionRows {
        if self.requires_tenant { TransactionRows::Tenantless } else { TransactionRows::All }
    }

    /// The setting that holds the tenant of a transaction.
    pub(crate) fn tenant_setting(&self) -> Option<&'static str> {
        match &*self.pool {
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => pool.usage.tenant_setting,
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { .. } => None,
        }
    }

    /// A handle of the same pool, whose writes are observed.
    pub(crate) fn with_observers(&self, observers: Arc<Observers>) -> Self {
        Self { observers: Some(observers), ..self.clone() }.gathering()
    }

    /// The position up to which it has written.
    pub(crate) fn written(&self) -> Arc<WrittenPosition> {
        Arc::clone(&self.written)
    }

    /// A handle of the same pool with another position.
    pub(crate) fn with_written(&self, written: WrittenPosition) -> Self {
        Self { written: Arc::new(written), ..self.clone() }
    }

    pub(crate) async fn connection(&self) -> Result<Connection> {
        Ok(match &*self.pool {
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => Connection::Postgres(pool.lend().await?),
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { pool, statement_timeout, .. } => {
                Connection::Sqlite(crate::driver::sqlite::lend(pool, *statement_timeout).await?)
            }
        })
    }
}

impl Executor for Database {
    fn engine(&self) -> Engine {
        match *self.pool {
            #[cfg(feature = "postgres")]
            Pool::Postgres(_) => Engine::Postgres,
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { .. } => Engine::Sqlite,
        }
    }

    fn tenancy(&self) -> TenantRows<'_> {
        if self.requires_tenant { TenantRows::Tenantless } else { TenantRows::All }
    }

    fn observers(&self) -> Option<&Arc<Observers>> {
        self.observers.as_ref()
    }

    async fn open_observed(&self) -> Result<Transaction> {
        self.open(&TransactionOptions::new(), 1).await
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        if self.requires_tenant {
            statement.check_scoped()?;
        }
        if let Some(observers) = &self.observers {
            observers.check(statement)?;
        }
        match &*self.pool {
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) if self.has_replicas() => {
                pool.run_routed(statement, &self.written).await
            }
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => pool.run(statement, None).await,
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { pool, statement_timeout, .. } => {
                let connection = crate::driver::sqlite::lend(pool, *statement_timeout).await?;
                crate::driver::sqlite::run(
                    &connection,
                    statement,
                    crate::driver::sqlite::Within::Nothing,
                    None,
                )
                .await
            }
        }
    }

    fn acquire(&self) -> impl Acquired {
        let engine = match &*self.pool {
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) if self.has_replicas() => {
                AcquiredEngine::Routed(Box::new(AcquiredRouted::new(pool, &self.written)))
            }
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => {
                AcquiredEngine::Postgres(AcquiredPostgres::new(pool), self.crowded.as_ref().into())
            }
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { pool, statement_timeout, details, .. } => {
                AcquiredEngine::Sqlite(AcquiredSqlite::new(pool, *statement_timeout, *details))
            }
        };
        AcquiredDatabase { engine, observers: self.observers.as_deref() }
    }
}

/// A call on a database.
struct AcquiredDatabase<'db> {
    engine: AcquiredEngine<'db>,
    observers: Option<&'db Observers>,
}

impl AcquiredDatabase<'_> {
    fn check(&self, statement: &Statement) -> Result<()> {
        self.observers.map_or(Ok(()), |observers| observers.check(statement))
    }
}

/// The call, by its engine.
#[allow(clippy::large_enum_variant, reason = "there is one a call, and it is never moved")]
enum AcquiredEngine<'db> {
    #[cfg(feature = "postgres")]
    Postgres(AcquiredPostgres<&'db PostgresPool>, Crowded<'db>),
    #[cfg(feature = "postgres")]
    Routed(Box<AcquiredRouted<'db>>),
    #[cfg(feature = "sqlite")]
    Sqlite(AcquiredSqlite<'db>),
}

impl Acquired for AcquiredDatabase<'_> {
    fn capabilities(&self) -> Capabilities {
        match &self.engine {
            #[cfg(feature = "postgres")]
            AcquiredEngine::Postgres(acquired, _) => acquired.capabilities(),
            #[cfg(feature = "postgres")]
            AcquiredEngine::Routed(acquired) => acquired.capabilities(),
            #[cfg(feature = "sqlite")]
            AcquiredEngine::Sqlite(acquired) => acquired.capabilities(),
        }
    }

    fn joins_others(&mut self, statement: &Statement) -> bool {
        match &mut self.engine {
            #[cfg(feature = "postgres")]
            AcquiredEngine::Postgres(acquired, crowded) => {
                statement.look_up.is_some() && acquired.would_wait() && crowded.gathers(statement)
            }
            #[cfg(feature = "postgres")]
            AcquiredEngine::Routed(acquired) => acquired.joins_others(statement),
            #[cfg(feature = "sqlite")]
            AcquiredEngine::Sqlite(acquired) => acquired.joins_others(statement),
        }
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        self.check(statement)?;
        match &mut self.engine {
            #[cfg(feature = "postgres")]
            AcquiredEngine::Postgres(acquired, crowded) => {
                if let Some(batched) = crowded.gathering()
                    && let Some(share) = Box::pin(batched.share(statement)).await
                {
                    return share?.for_each(each);
                }
                acquired.fetch(statement, each).await
            }
            #[cfg(feature = "postgres")]
            AcquiredEngine::Routed(acquired) => acquired.fetch(statement, each).await,
            #[cfg(feature = "sqlite")]
            AcquiredEngine::Sqlite(acquired) => acquired.fetch(statement, each).await,
        }
    }

    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        round.statements.iter().try_for_each(|statement| self.check(statement))?;
        let progress = match &mut self.engine {
            #[cfg(feature = "postgres")]
            AcquiredEngine::Postgres(acquired, _) => acquired.round(round, each).await,
            #[cfg(feature = "postgres")]
            AcquiredEngine::Routed(acquired) => acquired.round(round, each).await,
            #[cfg(feature = "sqlite")]
            AcquiredEngine::Sqlite(acquired) => acquired.round(round, each).await,
        };
        progress.map_err(|error| error.with_details(self.capabilities().details))
    }

    async fn end(&mut self) -> Result<RoundEnd> {
        let progress = match &mut self.engine {
            #[cfg(feature = "postgres")]
            AcquiredEngine::Postgres(acquired, _) => acquired.end().await,
            #[cfg(feature = "postgres")]
            AcquiredEngine::Routed(acquired) => acquired.end().await,
            #[cfg(feature = "sqlite")]
            AcquiredEngine::Sqlite(acquired) => acquired.end().await,
        };
        progress.map_err(|error| error.with_details(self.capabilities().details))
    }
}
