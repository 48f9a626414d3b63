//! A database: a pool of connections to one engine.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Engine, Executor, Rows, Statement, Transaction};
use crate::error::{Error, Result};
use crate::row::Row;
use crate::schema::Schema;

/// A round trip that costs more than to repeat a query, as measured.
#[cfg(feature = "postgres")]
const FAR: Duration = Duration::from_micros(150);

/// A pool of connections to a database.
///
/// Clones share the pool. See [`connect`] and [`Options`] for how to make one.
#[derive(Clone)]
pub struct Database(Arc<Pool>);

enum Pool {
    #[cfg(feature = "postgres")]
    Postgres {
        pool: deadpool_postgres::Pool,
        /// Whether a round trip costs more than to repeat a query.
        far: bool,
    },
    #[cfg(feature = "sqlite")]
    Sqlite {
        pool: deadpool_sqlite::Pool,
        /// A database in memory lives as long as somebody has it open.
        open: Option<deadpool_sqlite::Connection>,
        /// Where connections are closed, whoever drops them.
        runtime: tokio::runtime::Handle,
    },
    /// Without an engine there is no database.
    #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
    None(std::convert::Infallible),
}

#[cfg(feature = "sqlite")]
impl Drop for Pool {
    fn drop(&mut self) {
        #[cfg_attr(not(feature = "postgres"), allow(irrefutable_let_patterns))]
        if let Self::Sqlite { pool, open, runtime } = self {
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

/// Connects to the database at a URL, with the [`Options`] that most programs want.
///
/// `postgres://user:password@host/database` is PostgreSQL; `sqlite:orders.db` is a file of SQLite,
/// made where it is missing, and `sqlite::memory:` a database of its own in memory.
///
/// With the feature `tls` a connection to PostgreSQL is encrypted where the server can, and the
/// server verified by the certificates that the system trusts; `?sslmode=require` accepts no other
/// connection, and `?sslmode=disable` turns encryption off.
///
/// ```
/// # #[cfg(feature = "sqlite")]
/// # async fn run() -> relations::Result<()> {
/// let db = relations::connect("sqlite::memory:").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The URL is none that is known, or nobody answers there.
pub async fn connect(url: &str) -> Result<Database> {
    Options::new(url).connect().await
}

/// How to connect to a database.
///
/// ```
/// # #[cfg(feature = "sqlite")]
/// # async fn run() -> relations::Result<()> {
/// use std::time::Duration;
///
/// let db = relations::Options::new("sqlite::memory:")
///     .pool_size(4)
///     .wait_timeout(Duration::from_secs(2))
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "options do nothing until `connect` is awaited"]
pub struct Options {
    url: String,
    pool_size: usize,
    wait_timeout: Duration,
    connect_timeout: Duration,
    far: Option<bool>,
}

impl Options {
    /// The options of a URL: 16 connections, five seconds to wait for one that is free, and ten
    /// to make one.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            pool_size: 16,
            wait_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(10),
            far: None,
        }
    }

    /// How many connections there are at most.
    pub fn pool_size(mut self, connections: usize) -> Self {
        self.pool_size = connections;
        self
    }

    /// How long a statement waits for a free connection; on SQLite also how long it waits for
    /// others to finish writing.
    pub fn wait_timeout(mut self, time: Duration) -> Self {
        self.wait_timeout = time;
        self
    }

    /// How long a new connection may take.
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// Whether the server is far, so that one more round trip costs more than to repeat a query:
    /// what is included and would be batched is pipelined then, see
    /// [`Strategy`](crate::Strategy). Unless it is said here a round trip is measured.
    pub fn far(mut self, far: bool) -> Self {
        self.far = Some(far);
        self
    }

    /// Connects, and makes sure that the database answers.
    ///
    /// # Errors
    ///
    /// The URL is none that is known ([`Error::is_refused`]), or nobody answers there
    /// ([`Error::is_connection`]).
    pub async fn connect(self) -> Result<Database> {
        if self.pool_size == 0 {
            return Err(Error::refused("a pool needs a connection; give it a size of 1 or more"));
        }
        match self.url.split_once(':') {
            Some(("postgres" | "postgresql", _)) => self.postgres().await,
            Some(("sqlite", path)) => self.sqlite(path).await,
            _ => Err(Error::refused(
                "a database's URL begins with `postgres://` or `sqlite:`, as in \
                 `postgres://user@localhost/shop` or `sqlite::memory:`",
            )),
        }
    }

    #[cfg(feature = "postgres")]
    async fn postgres(self) -> Result<Database> {
        let mut config: tokio_postgres::Config =
            self.url.parse().map_err(|error: tokio_postgres::Error| {
                Error::refused("this is no URL of a PostgreSQL database").because(error)
            })?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(self.connect_timeout);
        }
        let manager = super::tls::manager(config)?;
        let pool = deadpool_postgres::Pool::builder(manager)
            .max_size(self.pool_size)
            .wait_timeout(Some(self.wait_timeout))
            .create_timeout(Some(self.connect_timeout))
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .build()
            .map_err(|error| Error::refused("the pool cannot be made").because(error))?;
        let client = super::postgres::lend(&pool).await?;
        let far = match self.far {
            Some(far) => far,
            None => super::postgres::round_trip(&client).await? > FAR,
        };
        drop(client);
        Ok(Database(Arc::new(Pool::Postgres { pool, far })))
    }

    #[cfg(not(feature = "postgres"))]
    #[allow(clippy::unused_async)]
    async fn postgres(self) -> Result<Database> {
        Err(Error::refused("PostgreSQL is not built in; turn on the feature `postgres`"))
    }

    #[cfg(feature = "sqlite")]
    async fn sqlite(&self, path: &str) -> Result<Database> {
        use std::sync::atomic::{AtomicUsize, Ordering};

        static IN_MEMORY: AtomicUsize = AtomicUsize::new(0);

        let in_memory = path == ":memory:";
        let path = if in_memory {
            // A name of its own in the process, so that its connections share one database.
            let number = IN_MEMORY.fetch_add(1, Ordering::Relaxed);
            format!("file:/relations-{number}?vfs=memdb")
        } else {
            path.strip_prefix("//").unwrap_or(path).to_owned()
        };
        if path.is_empty() {
            return Err(Error::refused(
                "a URL of SQLite names a file, as in `sqlite:orders.db`, or is `sqlite::memory:`",
            ));
        }
        let wait = self.wait_timeout;
        let manager = deadpool_sqlite::Manager::from_config(
            &deadpool_sqlite::Config::new(path),
            deadpool_sqlite::Runtime::Tokio1,
        );
        let prepare = deadpool_sqlite::Hook::async_fn(move |connection, _| {
            Box::pin(async move {
                let prepared = connection.interact(move |raw| super::sqlite::prepare(raw, wait));
                match prepared.await {
                    Ok(prepared) => prepared.map_err(deadpool_sqlite::HookError::Backend),
                    Err(failure) => Err(deadpool_sqlite::HookError::message(failure.to_string())),
                }
            })
        });
        // The connection that keeps a database in memory open is one more.
        let pool = deadpool_sqlite::Pool::builder(manager)
            .max_size(self.pool_size + usize::from(in_memory))
            .wait_timeout(Some(wait))
            .create_timeout(Some(self.connect_timeout))
            .runtime(deadpool_sqlite::Runtime::Tokio1)
            .post_create(prepare)
            .build()
            .map_err(|error| Error::refused("the pool cannot be made").because(error))?;
        let open = pool.get().await.map_err(super::sqlite::pool_error)?;
        let runtime = tokio::runtime::Handle::current();
        Ok(Database(Arc::new(Pool::Sqlite { pool, open: in_memory.then_some(open), runtime })))
    }

    #[cfg(not(feature = "sqlite"))]
    #[allow(clippy::unused_async)]
    async fn sqlite(&self, _: &str) -> Result<Database> {
        Err(Error::refused("SQLite is not built in; turn on the feature `sqlite`"))
    }
}

impl Database {
    /// Begins a transaction.
    ///
    /// # Errors
    ///
    /// No connection was free in time, or the database cannot be reached
    /// ([`Error::is_connection`]).
    pub async fn begin(&self) -> Result<Transaction> {
        Transaction::begin(self.connection().await?, self.is_far()).await
    }

    /// Creates the tables, keys and indexes of a schema, all of them or none.
    ///
    /// # Errors
    ///
    /// A table is already there, or the engine lacks a type ([`Error::is_refused`]).
    pub async fn create(&self, schema: Schema) -> Result<()> {
        self.define(schema.create_sql(self.engine())?).await
    }

    /// Creates what is missing of a schema's tables, keys and indexes, all of it or nothing.
    ///
    /// Tables that are there stay as they are, whatever their columns.
    ///
    /// # Errors
    ///
    /// The engine lacks a type ([`Error::is_refused`]), or a table that is there cannot have a key.
    pub async fn create_if_missing(&self, schema: Schema) -> Result<()> {
        self.define(schema.create_if_missing_sql(self.engine())?).await
    }

    /// Drops the tables of a schema and all their rows; those that are not there are passed over.
    ///
    /// # Errors
    ///
    /// A table outside the schema references one of them.
    pub async fn drop(&self, schema: Schema) -> Result<()> {
        let statements = schema.drop_sql(self.engine());
        match &*self.0 {
            #[cfg(feature = "postgres")]
            Pool::Postgres { .. } => self.define(statements).await,
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { pool, .. } => {
                let connection = pool.get().await.map_err(super::sqlite::pool_error)?;
                let tables = schema.entities().map(|entity| entity.table.to_owned()).collect();
                let without_keys = super::sqlite::WithoutKeys { connection, tables };
                let all = statements.join("; ").into();
                let statement = Statement::new(super::Operation::Define, all, Vec::new());
                super::execute(&without_keys, &statement).await.map(drop)
            }
            #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
            Pool::None(never) => match *never {},
        }
    }

    /// Runs statements that define tables, all of them or none.
    async fn define(&self, statements: Vec<String>) -> Result<()> {
        let transaction = self.begin().await?;
        for sql in statements {
            let statement = Statement::new(super::Operation::Define, sql.into(), Vec::new());
            super::execute(&transaction, &statement).await?;
        }
        transaction.commit().await
    }

    async fn connection(&self) -> Result<Connection> {
        Ok(match &*self.0 {
            #[cfg(feature = "postgres")]
            Pool::Postgres { pool, .. } => Connection::Postgres(super::postgres::lend(pool).await?),
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { pool, .. } => {
                Connection::Sqlite(pool.get().await.map_err(super::sqlite::pool_error)?)
            }
            #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
            Pool::None(never) => match *never {},
        })
    }
}

#[cfg(feature = "postgres")]
impl From<deadpool_postgres::Pool> for Database {
    fn from(pool: deadpool_postgres::Pool) -> Self {
        Self(Arc::new(Pool::Postgres { pool, far: false }))
    }
}

impl Executor for Database {
    fn engine(&self) -> Engine {
        match *self.0 {
            #[cfg(feature = "postgres")]
            Pool::Postgres { .. } => Engine::Postgres,
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { .. } => Engine::Sqlite,
            #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
            Pool::None(never) => match never {},
        }
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        match &*self.0 {
            #[cfg(feature = "postgres")]
            Pool::Postgres { pool, .. } => pool.run(statement).await,
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { pool, .. } => {
                let connection = pool.get().await.map_err(super::sqlite::pool_error)?;
                super::sqlite::run(&connection, statement).await
            }
            #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
            Pool::None(never) => match *never {},
        }
    }

    async fn run_all(
        &self,
        statements: &[Statement],
        each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
    ) -> Result<()> {
        self.connection().await?.run_all(statements, each).await
    }

    fn is_far(&self) -> bool {
        match *self.0 {
            #[cfg(feature = "postgres")]
            Pool::Postgres { far, .. } => far,
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { .. } => false,
            #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
            Pool::None(never) => match never {},
        }
    }
}

/// One connection of a pool.
pub(super) enum Connection {
    #[cfg(feature = "postgres")]
    Postgres(deadpool_postgres::Client),
    #[cfg(feature = "sqlite")]
    Sqlite(deadpool_sqlite::Connection),
    #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
    None(std::convert::Infallible),
}

impl Connection {
    /// Forgets an open transaction and goes back to the pool, or is closed if it cannot.
    pub(super) async fn roll_back(self) {
        let rollback = Statement::new(super::Operation::Rollback, "ROLLBACK".into(), Vec::new());
        if super::execute(&self, &rollback).await.is_err() {
            self.close();
        }
    }

    /// Leaves the pool, which makes a new connection when it needs one.
    pub(super) fn close(self) {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(client) => drop(deadpool_postgres::Client::take(client)),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => drop(deadpool_sqlite::Connection::take(connection)),
            #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
            Self::None(never) => match never {},
        }
    }
}

impl Executor for Connection {
    fn engine(&self) -> Engine {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Engine::Postgres,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Engine::Sqlite,
            #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
            Self::None(never) => match *never {},
        }
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(client) => client.run(statement).await,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => super::sqlite::run(connection, statement).await,
            #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
            Self::None(never) => match *never {},
        }
    }

    async fn run_all(
        &self,
        statements: &[Statement],
        each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
    ) -> Result<()> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(client) => client.run_all(statements, each).await,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => super::run_all(self, statements, each).await,
            #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
            Self::None(never) => match *never {},
        }
    }
}
