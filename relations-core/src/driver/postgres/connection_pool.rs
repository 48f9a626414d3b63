//! Pools: how their connections are used, which one a caller is lent, and for how long they are kept.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, Id};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use tokio_postgres::CancelToken;

use crate::driver::postgres::checked::Certain;
use crate::driver::postgres::connection::{PoolClient, ServerConnection};
use crate::driver::postgres::pooled_connection::PooledConnection;
use crate::driver::postgres::replicas::{After, Replicas};
use crate::driver::postgres::servers::Connections;
use crate::driver::spawn::current_runtime;
use crate::error::{Error, Kind, Result};

/// The time that a connection may be unused before it is tested.
const UNSURE: Duration = Duration::from_secs(10);

/// The time that it may take to answer this test.
const ANSWER: Duration = Duration::from_secs(1);

/// The longest time of a cancel request.
pub(crate) const CANCEL: Duration = Duration::from_secs(5);

/// Asks the server to stop what a connection runs, in the way by which connections are made. `true`
/// where the request was sent.
pub(crate) type Cancel =
    Box<dyn Fn(CancelToken) -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// The settings of the connections of a pool.
#[allow(clippy::struct_excessive_bools, reason = "each is a setting by itself")]
pub(crate) struct Usage {
    /// Whether a round trip costs more than to repeat a query.
    pub(crate) high_latency: bool,
    /// Whether statements are sent with the types of their values, instead of being prepared.
    pub(crate) unnamed: bool,
    pub(crate) statement_timeout: Option<Duration>,
    /// Whether errors tell the values that the database tells.
    pub(crate) details: bool,
    /// The setting that holds the tenant of a transaction, for policies of row-level security.
    pub(crate) tenant_setting: Option<&'static str>,
    /// The writes whose rows cannot be unfit.
    pub(crate) certain: Certain,
    /// Whether it is asked after each write how far that came, as there are replicas.
    pub(crate) tracks: bool,
    /// The time for which a replica is waited for that has not replayed a write yet.
    pub(crate) replica_timeout: Duration,
    pub(crate) cancel: Cancel,
    /// The runtime on which connections come to rest, wherever they are dropped. `None` for a pool that was
    /// given outside of one.
    pub(crate) runtime: Option<Handle>,
}

impl Usage {
    /// Asks the server to stop what a connection runs. `true` where the request was sent.
    pub(crate) async fn cancel(&self, token: CancelToken) -> bool {
        timeout(CANCEL, (self.cancel)(token)).await.unwrap_or_default()
    }

    /// The runtime of fire-and-forget tasks.
    pub(crate) fn runtime(&self) -> Option<Handle> {
        self.runtime.clone().or_else(|| Handle::try_current().ok())
    }
}

/// A pool, and how its connections are used.
pub(crate) struct PostgresPool {
    pub(crate) source: Source,
    pub(crate) usage: Arc<Usage>,
    pub(crate) replicas: Replicas,
}

impl PostgresPool {
    /// Lends a connection.
    pub(crate) async fn lend(&self) -> Result<PooledConnection> {
        Ok(PooledConnection::new(self.source.lend().await?, Arc::clone(&self.usage)))
    }

    /// The largest number of connections, all of which may have been closed while nothing used
    /// them.
    pub(crate) fn connections(&self) -> usize {
        self.source.connections()
    }

    /// Whether its servers are chosen so that they can write.
    pub(crate) fn writes(&self) -> bool {
        self.source.writes()
    }

    /// Lends a connection to a replica that has replayed a position.
    pub(crate) async fn lend_after(&self, after: Option<After>) -> Result<PooledConnection> {
        let mut lent = self.lend().await?;
        if let Some(after) = after.filter(|after| after.position > 0) {
            lent.caught_up(after).await?;
        }
        Ok(lent)
    }
}

/// The source of connections.
pub(crate) enum Source {
    Pooled(Arc<ConnectionPool>),
    /// A pool that somebody else made.
    #[cfg(feature = "deadpool-postgres")]
    Deadpool(deadpool_postgres::Pool),
}

impl Source {
    async fn lend(&self) -> Result<PoolClient> {
        Ok(match self {
            Self::Pooled(pool) => PoolClient::Pooled(pool.lend().await?),
            #[cfg(feature = "deadpool-postgres")]
            Self::Deadpool(pool) => PoolClient::Deadpool(Box::new(
                Box::pin(crate::driver::postgres::deadpool::lend(pool)).await?,
            )),
        })
    }

    /// A new connection that the pool does not keep, and whose notifications are heard.
    #[cfg(feature = "json")]
    pub(crate) async fn connect_to_listen(
        &self,
        heard: crate::driver::postgres::servers::Heard,
    ) -> Result<ServerConnection> {
        match self {
            Self::Pooled(pool) => pool.connect_to_listen(heard).await,
            #[cfg(feature = "deadpool-postgres")]
            Self::Deadpool(_) => Err(crate::error::Error::invalid_request(
                "a pool of `deadpool_postgres` makes no connection that listens; make a database by \
                 `connect` for that",
            )),
        }
    }

    /// Whether its servers are chosen so that they can write.
    pub(crate) fn writes(&self) -> bool {
        match self {
            Self::Pooled(pool) => pool.writes(),
            #[cfg(feature = "deadpool-postgres")]
            Self::Deadpool(_) => false,
        }
    }

    /// Whether a caller would have to wait for a connection.
    pub(crate) fn is_crowded(&self) -> bool {
        match self {
            Self::Pooled(pool) => pool.is_crowded(),
            #[cfg(feature = "deadpool-postgres")]
            Self::Deadpool(_) => false,
        }
    }

    /// The largest number of connections.
    pub(crate) fn connections(&self) -> usize {
        match self {
            Self::Pooled(pool) => pool.connections(),
            #[cfg(feature = "deadpool-postgres")]
            Self::Deadpool(pool) => pool.status().max_size,
        }
    }
}

/// The size of a pool, and the time that a caller waits for a connection.
pub(crate) struct Limits {
    pub(crate) connections: usize,
    /// Until one is free.
    pub(crate) wait: Duration,
    /// Until a server has let a new one in.
    pub(crate) connect: Duration,
}

/// A pool of connections, each of which is lent to one at a time.
pub(crate) struct ConnectionPool {
    connections: Arc<Connections>,
    limits: Limits,
    /// A permit for each connection that is not lent, whether it is there already or not.
    free: Semaphore,
    /// The idle connections, the last used one last: it knows most statements, and others may go.
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    connection: Arc<ServerConnection>,
    since: Instant,
}

impl ConnectionPool {
    pub(crate) fn new(connections: Connections, limits: Limits) -> Self {
        let free = Semaphore::new(limits.connections);
        Self { connections: Arc::new(connections), limits, free, idle: Mutex::default() }
    }

    /// The largest number of connections.
    pub(crate) fn connections(&self) -> usize {
        self.limits.connections
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether all connections are lent.
    pub(crate) fn is_crowded(&self) -> bool {
        self.free.available_permits() == 0
    }

    /// Lends a connection. A timer is set only where one has to be waited for.
    pub(crate) async fn lend(self: &Arc<Self>) -> Result<PoolGuard> {
        let runtime = current_runtime()?;
        let permit = match self.free.try_acquire() {
            Ok(permit) => permit,
            Err(_) => Box::pin(self.wait()).await?,
        };
        let host = self.connections.turn();
        if host.is_some() {
            self.connections.look_again(self.limits.connect, &runtime);
        }
        let connection = loop {
            match self.last_of(runtime.id(), host) {
                Some(idle) if idle.is_there().await => break idle.connection,
                Some(_) => {}
                None => {
                    self.close_surplus();
                    break Box::pin(self.connect(host, &runtime)).await?;
                }
            }
        };
        // It comes back with the connection.
        permit.forget();
        Ok(PoolGuard { connection, pool: Arc::clone(self), is_taken: false })
    }

    /// The connection to a server that was used last on a runtime.
    fn last_of(&self, runtime: Id, host: Option<usize>) -> Option<Idle> {
        let mut idle = self.idle();
        let is_wanted = |idle: &Idle| idle.connection.is_of(runtime) && idle.connection.is_at(host);
        let last = idle.iter().rposition(is_wanted)?;
        Some(idle.remove(last))
    }

    /// Closes those connections of other runtimes that would be too many beside a new one.
    fn close_surplus(&self) {
        let surplus = {
            let mut idle = self.idle();
            let surplus = idle.len().saturating_sub(self.free.available_permits());
            idle.drain(..surplus).collect::<Vec<_>>()
        };
        // Not while the list is locked.
        drop(surplus);
    }

    /// Waits until a connection is free.
    async fn wait(&self) -> Result<SemaphorePermit<'_>> {
        let free = timeout(self.limits.wait, self.free.acquire()).await;
        free.ok().and_then(Result::ok).ok_or_else(|| Error::new(Kind::PoolTimeout))
    }

    /// A new connection.
    async fn connect(
        &self,
        host: Option<usize>,
        runtime: &Handle,
    ) -> Result<Arc<ServerConnection>> {
        let limit = self.limits.connect;
        self.connections.look_again(limit, runtime);
        self.connections.connect(host, limit, runtime, None).await.map(Arc::new)
    }

    /// A new connection that the pool does not keep, and whose notifications are heard.
    #[cfg(feature = "json")]
    pub(crate) async fn connect_to_listen(
        &self,
        heard: crate::driver::postgres::servers::Heard,
    ) -> Result<ServerConnection> {
        let (limit, runtime) = (self.limits.connect, current_runtime()?);
        self.connections.connect(self.connections.turn(), limit, &runtime, Some(&heard)).await
    }

    /// Whether its servers are chosen so that they can write.
    pub(crate) fn writes(&self) -> bool {
        self.connections.target().writes()
    }

    /// Closes idle connections that nothing has used for that time, and those that have lived long
    /// enough.
    pub(crate) fn close_idle(&self, time: Option<Duration>) {
        let is_kept = |idle: &Idle| {
            time.is_none_or(|time| idle.since.elapsed() < time) && !idle.connection.is_outlived()
        };
        let closed: Vec<Idle> = self.idle().extract_if(.., |idle| !is_kept(idle)).collect();
        // Not while the list is locked.
        drop(closed);
    }
}

impl Idle {
    /// Whether the connection is still there; where it was not used for long, the server is asked.
    async fn is_there(&self) -> bool {
        if self.connection.is_closed() || self.connection.is_outlived() {
            return false;
        }
        if self.since.elapsed() < UNSURE {
            return true;
        }
        // A server that was promoted meanwhile says so with its answer.
        matches!(Box::pin(timeout(ANSWER, self.connection.answers())).await, Ok(Ok(())))
            && !self.connection.is_outlived()
    }
}

/// A connection that is lent, and goes back when this is dropped.
pub(crate) struct PoolGuard {
    connection: Arc<ServerConnection>,
    pool: Arc<ConnectionPool>,
    is_taken: bool,
}

impl PoolGuard {
    /// Takes the connection from its pool, which makes another one when it needs it, and closes it.
    pub(crate) fn close(mut self) {
        self.is_taken = true;
    }
}

impl Deref for PoolGuard {
    type Target = ServerConnection;

    fn deref(&self) -> &ServerConnection {
        &self.connection
    }
}

impl Drop for PoolGuard {
    fn drop(&mut self) {
        if !self.is_taken && !self.connection.is_outlived() {
            let connection = Arc::clone(&self.connection);
            self.pool.idle().push(Idle { connection, since: Instant::now() });
        }
        self.pool.free.add_permits(1);
    }
}
