//! A pool of our own connections: who is lent which, and for how long they are kept.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, Id};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::driver::postgres::connection::ServerConnection;
use crate::driver::postgres::servers::Connections;
use crate::driver::spawn::current_runtime;
use crate::error::{Error, Kind, Result};

/// The time that a connection may be unused before it is tested.
const UNSURE: Duration = Duration::from_secs(10);

/// The time that it may take to answer this test.
const ANSWER: Duration = Duration::from_secs(1);

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
        self.connections.connect(host, limit, runtime).await.map(Arc::new)
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
