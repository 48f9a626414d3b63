//! Connects as the options say.

#[cfg(feature = "postgres")]
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::driver::connect_options::ConnectOptions;
#[cfg(feature = "postgres")]
use crate::driver::encryption::Encryption;
use crate::driver::pool::{Database, Pool};
#[cfg(feature = "postgres")]
use crate::driver::postgres::checked::Certain;
#[cfg(feature = "postgres")]
use crate::driver::postgres::connection_pool::Source;
#[cfg(feature = "postgres")]
use crate::driver::postgres::connection_pool::{ConnectionPool, Limits};
#[cfg(feature = "postgres")]
use crate::driver::postgres::connection_pool::{PostgresPool, Usage};
#[cfg(feature = "postgres")]
use crate::driver::postgres::replicas::Replicas;
#[cfg(feature = "postgres")]
use crate::driver::postgres::servers::Choice;
use crate::driver::spawn;
use crate::driver::spawn::current_runtime;
#[cfg(feature = "postgres")]
use crate::driver::url::Url;
use crate::error::{Error, Result};

/// A round trip that costs more than to repeat a query, as measured.
#[cfg(feature = "postgres")]
const HIGH_LATENCY: Duration = Duration::from_micros(150);

/// The default of `connect_timeout`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A pool that has connected to nothing yet.
#[cfg(feature = "postgres")]
struct NewPool {
    pool: Arc<ConnectionPool>,
    usage: Usage,
    connect_timeout: Duration,
}

impl ConnectOptions {
    /// Connects, and checks that the database answers.
    ///
    /// # Errors
    ///
    /// The URL is not valid, or this is not awaited within a tokio runtime
    /// ([`Error::is_invalid_request`]); or no server answers ([`Error::is_connection`]).
    pub async fn connect(self) -> Result<Database> {
        if !(1..=65_535).contains(&self.pool_size) {
            return Err(Error::invalid_request(
                "a pool has 1 to 65,535 connections; say with `pool_size` how many",
            ));
        }
        let require_tenant = self.require_tenant;
        let connected = match self.url.split_once(':') {
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                self.postgres().await
            }
            Some(("sqlite", _)) if self.tenant_setting.is_some() => Err(Error::invalid_request(
                "SQLite has no row-level security; leave out `tenant_setting`, or connect to PostgreSQL",
            )),
            Some(("sqlite", _)) if !self.replicas.is_empty() => Err(Error::invalid_request(
                "SQLite has no replicas; leave out `replica`, or connect to PostgreSQL",
            )),
            Some(("sqlite", path)) => self.sqlite(path).await,
            _ => Err(Error::invalid_request(
                "a database's URL begins with `postgres://` or `sqlite:`, as in \
                 `postgres://user@localhost/shop` or `sqlite::memory:`",
            )),
        };
        connected.map(|db| if require_tenant { db.require_tenant() } else { db })
    }

    #[cfg(feature = "postgres")]
    async fn postgres(self) -> Result<Database> {
        let runtime = current_runtime()?;
        self.tenant_setting.map_or(Ok(()), crate::driver::postgres::tenant_setting::check_name)?;
        let NewPool { pool, mut usage, connect_timeout } =
            self.open(&self.url, self.wait_timeout, &runtime)?;
        // Another server answers a read sooner than a connection becomes free.
        let wait = self.wait_timeout.min(self.replica_timeout);
        // A URL that cannot be read is told before anything is connected to.
        let opened = self.replicas.iter().map(|url| match url.split_once(':') {
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                self.open(url, wait, &runtime)
            }
            _ => Err(Error::invalid_request("the URL of a replica begins with `postgres://`")),
        });
        let opened = opened.collect::<Result<Vec<_>>>()?;
        let connection = pool.lend().await?;
        if self.high_latency.is_none() {
            let measured = crate::driver::postgres::round_trip(&connection, connect_timeout);
            usage.high_latency = measured.await? > HIGH_LATENCY;
        }
        drop(connection);
        usage.tracks = !opened.is_empty();
        let high_latency = usage.high_latency;
        let replicas = opened.into_iter().map(|NewPool { pool, mut usage, .. }| {
            usage.high_latency = high_latency;
            self.pool(&runtime, pool, usage, Vec::new())
        });
        let replicas = replicas.collect();
        Ok(Database::of(Pool::Postgres(self.pool(&runtime, pool, usage, replicas))))
    }

    /// A pool to the servers of a URL, which connects when it lends.
    #[cfg(feature = "postgres")]
    fn open(&self, url: &str, wait: Duration, runtime: &Handle) -> Result<NewPool> {
        let url = Url::read(url)?;
        let encryption = Encryption::new(&url, self.root_certificate.clone())?;
        let connect_timeout = match (self.connect_timeout, url.config.get_connect_timeout()) {
            (Some(told), _) | (None, Some(&told)) => told,
            (None, None) => CONNECT_TIMEOUT,
        };
        let mut servers = url.servers()?;
        for server in &mut servers {
            server.connect_timeout(connect_timeout);
            if let Some(name) = &self.application_name {
                server.application_name(name);
            }
        }
        let choice = Choice { target: url.target, max_lifetime: self.max_lifetime };
        let (connections, cancel) = encryption.connections(servers, choice)?;
        let limits = Limits { connections: self.pool_size, wait, connect: connect_timeout };
        let usage = Usage {
            high_latency: self.high_latency.unwrap_or_default(),
            unnamed: self.unnamed_statements,
            statement_timeout: self.statement_timeout,
            details: self.error_details,
            tenant_setting: self.tenant_setting,
            certain: Certain::default(),
            tracks: false,
            replica_timeout: self.replica_timeout,
            cancel,
            runtime: Some(runtime.clone()),
        };
        let pool = Arc::new(ConnectionPool::new(connections, limits));
        Ok(NewPool { pool, usage, connect_timeout })
    }

    /// A pool with its replicas, whose connections end as the options say.
    #[cfg(feature = "postgres")]
    fn pool(
        &self,
        runtime: &Handle,
        pool: Arc<ConnectionPool>,
        usage: Usage,
        replicas: Vec<PostgresPool>,
    ) -> PostgresPool {
        let idle = self.idle_timeout;
        if let Some(time) = idle.into_iter().chain(self.max_lifetime).min() {
            let weak = Arc::downgrade(&pool);
            close_idle(runtime, time, move || weak.upgrade().map(|pool| pool.close_idle(idle)));
        }
        let (source, usage) = (Source::Pooled(pool), usage.into());
        PostgresPool { source, usage, replicas: Replicas::new(replicas) }
    }

    #[cfg(not(feature = "postgres"))]
    #[allow(clippy::unused_async)]
    async fn postgres(self) -> Result<Database> {
        Err(Error::invalid_request("PostgreSQL is not built in; turn on the feature `postgres`"))
    }

    #[cfg(feature = "sqlite")]
    async fn sqlite(&self, path: &str) -> Result<Database> {
        let crate::driver::sqlite::url::Location { uri, in_memory } =
            crate::driver::sqlite::url::Location::parse(path)?;
        let runtime = current_runtime()?;
        let wait = self.wait_timeout;
        // A statement timeout does not cut short the wait for another writer.
        let busy = self.statement_timeout.map_or(wait, |time| time.min(wait));
        let manager = deadpool_sqlite::Manager::from_config(
            &deadpool_sqlite::Config::new(uri),
            deadpool_sqlite::Runtime::Tokio1,
        );
        let prepare = deadpool_sqlite::Hook::async_fn(move |connection, _| {
            Box::pin(async move {
                let prepared =
                    connection.interact(move |raw| crate::driver::sqlite::prepare(raw, busy));
                match prepared.await {
                    Ok(prepared) => prepared.map_err(deadpool_sqlite::HookError::Backend),
                    Err(failure) => Err(deadpool_sqlite::HookError::message(failure.to_string())),
                }
            })
        });
        // The connection that keeps a database in memory open is one more.
        let pool = deadpool_sqlite::Pool::builder(manager)
            .max_size(self.pool_size + usize::from(in_memory))
            .queue_mode(deadpool_sqlite::QueueMode::Lifo)
            .wait_timeout(Some(wait))
            .create_timeout(Some(self.connect_timeout.unwrap_or(CONNECT_TIMEOUT)))
            .runtime(deadpool_sqlite::Runtime::Tokio1)
            .post_create(prepare)
            .build()
            .map_err(|error| Error::invalid_request("the pool cannot be made").because(error))?;
        let open = pool.get().await.map_err(crate::driver::sqlite::result_code::opening)?;
        let (idle, life) = (self.idle_timeout, self.max_lifetime);
        if let Some(time) = idle.into_iter().chain(life).min() {
            let weak = pool.weak();
            close_idle(&runtime, time, move || {
                let pool = weak.upgrade()?;
                pool.retain(|_, metrics| {
                    idle.is_none_or(|idle| metrics.last_used() < idle)
                        && life.is_none_or(|life| metrics.age() < life)
                });
                Some(())
            });
        }
        let (statement_timeout, details) = (self.statement_timeout, self.error_details);
        let open = in_memory.then_some(open);
        Ok(Database::of(Pool::Sqlite { pool, open, runtime, statement_timeout, details }))
    }

    #[cfg(not(feature = "sqlite"))]
    #[allow(clippy::unused_async)]
    async fn sqlite(&self, _: &str) -> Result<Database> {
        Err(Error::invalid_request("SQLite is not built in; turn on the feature `sqlite`"))
    }
}

/// Looks now and then for connections that nobody has used for that time, as long as there is a pool.
fn close_idle(runtime: &Handle, time: Duration, close: impl Fn() -> Option<()> + Send + 'static) {
    let pause = (time / 2).clamp(Duration::from_millis(10), Duration::from_mins(1));
    spawn::spawn(runtime, async move {
        loop {
            tokio::time::sleep(pause).await;
            if close().is_none() {
                return;
            }
        }
    });
}
