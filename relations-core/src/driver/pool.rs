//! A database: a pool of connections to one engine.

use std::fmt;
use std::sync::Arc;

use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, Capabilities, capabilities};
use crate::driver::acquired_database::AcquiredDatabase;
use crate::driver::causal::WrittenPosition;
use crate::driver::coalesce::Batched;
use crate::driver::connection::Connection;
use crate::driver::executor::Executor;
#[cfg(feature = "postgres")]
use crate::driver::postgres::acquired::AcquiredPostgres;
#[cfg(feature = "postgres")]
use crate::driver::postgres::routed::AcquiredRouted;
use crate::driver::rows::Rows;
#[cfg(feature = "sqlite")]
use crate::driver::sqlite::acquired::AcquiredSqlite;
use crate::driver::statement::Statement;
use crate::driver::tenant::{TenantRows, TransactionRows};
use crate::driver::transaction::Transaction;
use crate::driver::transaction::options::TransactionOptions;
use crate::driver::transaction::retry::{
    RetryableAsyncClosure, TransactionFuture, Transactional, run,
};
use crate::driver::transaction::session::Manner;
use crate::error::{Error, Result};

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
    /// Gathers look-ups that find no free connection; none within that itself.
    crowded: Option<Batched>,
}

pub(crate) enum Pool {
    #[cfg(feature = "postgres")]
    Postgres(crate::driver::postgres::retry::PostgresPool),
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
        Self { pool, written: Arc::default(), requires_tenant: false, crowded: None }.gathering()
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
    fn connections(&self) -> usize {
        match &*self.pool {
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => pool.connections(),
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { .. } => 0,
        }
    }

    /// Whether reads may go to replicas.
    fn has_replicas(&self) -> bool {
        match &*self.pool {
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => !pool.replicas.is_empty(),
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { .. } => false,
        }
    }

    /// Whether its servers are chosen so that they can write.
    fn writes(&self) -> bool {
        match &*self.pool {
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => pool.writes(),
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { .. } => false,
        }
    }

    /// Begins a transaction.
    ///
    /// # Errors
    ///
    /// No connection was free in time, or the database cannot be reached
    /// ([`Error::is_connection`]).
    pub async fn begin(&self) -> Result<Transaction> {
        self.begin_with(TransactionOptions::new()).await
    }

    /// Begins a transaction with options. It is never retried automatically.
    ///
    /// # Errors
    ///
    /// The errors of [`begin`](Self::begin).
    pub async fn begin_with(&self, options: TransactionOptions) -> Result<Transaction> {
        self.open(&options, 1).await
    }

    /// Runs work in a transaction: it is committed if the work succeeds, and rolled back if it
    /// fails, panics, or its future is dropped.
    ///
    /// After a serialization failure or a deadlock the whole work is retried, after a pause, up to
    /// ten times; so its effects outside the database may happen several times
    /// ([`Transaction::attempt`] counts). It is also retried for up to
    /// [`failover_timeout`](TransactionOptions::failover_timeout) if its server stops, crashes or
    /// becomes read-only, or if none can be reached. It is never retried if the outcome of the
    /// commit is unknown.
    ///
    /// The work borrows its captures (`async |tx|`, without `move`), and cannot change them; it
    /// returns its result.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id(generated)] id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let quantities = vec![3, 5];
    /// let orders = db
    ///     .transaction(async |tx| {
    ///         let mut orders = Vec::new();
    ///         for &quantity in &quantities {
    ///             orders.push(NewOrder { quantity }.insert(tx).await?);
    ///         }
    ///         Ok(orders)
    ///     })
    ///     .await?;
    /// # let _ = orders;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The error of the work; that of the last attempt, if each was retried. No connection was
    /// free in time, or the database cannot be reached ([`Error::is_connection`]). The connection
    /// broke while it was committed, so that nobody knows whether it holds
    /// ([`Error::is_commit_unknown`]).
    pub fn transaction<'a, T, F>(&'a self, work: F) -> TransactionFuture<'a, T>
    where
        T: Send + 'a,
        F: for<'tx> RetryableAsyncClosure<'tx, T, Error, Doing: Send> + Send + Sync + 'a,
    {
        run(self, TransactionOptions::new(), work)
    }

    /// [`transaction`](Self::transaction) with options: isolation level, read-only access and
    /// retries.
    ///
    /// # Errors
    ///
    /// As with [`transaction`](Self::transaction).
    pub fn transaction_with<'a, T, F>(
        &'a self,
        options: TransactionOptions,
        work: F,
    ) -> TransactionFuture<'a, T>
    where
        T: Send + 'a,
        F: for<'tx> RetryableAsyncClosure<'tx, T, Error, Doing: Send> + Send + Sync + 'a,
    {
        run(self, options, work)
    }

    /// [`transaction`](Self::transaction) for work with an error type of your own. The type has to be
    /// named, since `?` converts into any error type.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Account { #[id] id: i64, balance: i64 }
    /// enum Refused {
    ///     TooPoor,
    ///     Database(relations::Error),
    /// }
    /// # impl From<relations::Error> for Refused {
    /// #     fn from(error: relations::Error) -> Self { Self::Database(error) }
    /// # }
    ///
    /// # async fn run(db: &relations::Database) -> Result<(), Refused> {
    /// db.try_transaction(async |tx| -> Result<(), Refused> {
    ///     let account = Account::find_by_id(1).one(tx).await?;
    ///     if account.balance < 10 {
    ///         return Err(Refused::TooPoor);
    ///     }
    ///     Account::find_by_id(1).set(Account::BALANCE, account.balance - 10).update(tx).await?;
    ///     Ok(())
    /// })
    /// .await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The error of the work, and the errors of [`transaction`](Self::transaction).
    pub fn try_transaction<'a, T, E, F>(&'a self, work: F) -> TransactionFuture<'a, T, E>
    where
        T: Send + 'a,
        E: From<Error> + Send + 'a,
        F: for<'tx> RetryableAsyncClosure<'tx, T, E, Doing: Send> + Send + Sync + 'a,
    {
        run(self, TransactionOptions::new(), work)
    }

    /// [`try_transaction`](Self::try_transaction) with options, as of
    /// [`transaction_with`](Self::transaction_with).
    ///
    /// # Errors
    ///
    /// The errors of [`try_transaction`](Self::try_transaction).
    pub fn try_transaction_with<'a, T, E, F>(
        &'a self,
        options: TransactionOptions,
        work: F,
    ) -> TransactionFuture<'a, T, E>
    where
        T: Send + 'a,
        E: From<Error> + Send + 'a,
        F: for<'tx> RetryableAsyncClosure<'tx, T, E, Doing: Send> + Send + Sync + 'a,
    {
        run(self, options, work)
    }

    /// Whether the server is so far away that a round trip costs more than repeating a query, as
    /// measured by [`connect`](crate::connect) or set by
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
    fn transaction_rows(&self) -> TransactionRows {
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

impl Transactional for Database {
    async fn open(&self, options: &TransactionOptions, attempt: u32) -> Result<Transaction> {
        #[cfg(feature = "postgres")]
        if let Pool::Postgres(pool) = &*self.pool
            && self.has_replicas()
            && options.suits_replica()
            && attempt == 1
            && let Some(transaction) = Box::pin(self.open_on_replica(pool, options, attempt)).await
        {
            return Ok(transaction.seeing(self.transaction_rows()));
        }
        // Nothing is done before it has begun, so that it may begin on another connection where one
        // was closed while nobody used it.
        let mut dead = 0;
        loop {
            let connection = self.connection().await?;
            let Capabilities { high_latency, details, .. } = capabilities(self);
            let tracks = self.has_replicas() && !options.read_only;
            let written = tracks.then(|| Arc::clone(&self.written));
            let tenant_setting = self.tenant_setting();
            let writes = self.writes();
            let manner = Manner { high_latency, details, writes, written, tenant_setting };
            match Transaction::begin(connection, manner, options, attempt, None).await {
                Err(error) if error.is_lost() && dead < self.connections() => dead += 1,
                begun => {
                    return begun.map(|transaction| transaction.seeing(self.transaction_rows()));
                }
            }
        }
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

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        if self.requires_tenant {
            statement.check_scoped()?;
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
        match &*self.pool {
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) if self.has_replicas() => {
                AcquiredDatabase::Routed(Box::new(AcquiredRouted::new(pool, &self.written)))
            }
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => AcquiredDatabase::Postgres(
                AcquiredPostgres::new(pool),
                self.crowded.as_ref().into(),
            ),
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { pool, statement_timeout, details, .. } => {
                AcquiredDatabase::Sqlite(AcquiredSqlite::new(pool, *statement_timeout, *details))
            }
        }
    }
}
