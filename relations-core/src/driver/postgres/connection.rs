//! Connections, and what is prepared on them.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::Id;

use crate::driver::postgres::abandoned::GRACE;
use crate::driver::postgres::caller_driven::Driver;
#[cfg(feature = "deadpool-postgres")]
use crate::driver::postgres::connection_pool::CANCEL;
use crate::driver::postgres::connection_pool::PoolGuard;
use crate::driver::postgres::statement_cache::StatementCache;
use crate::driver::postgres::target_session::{Fit, ReportedRole, TargetSession};
use crate::driver::statement::Statement;
use crate::error::Result;

/// A connection, which keeps the statements that it has prepared.
pub(crate) struct ServerConnection {
    client: tokio_postgres::Client,
    /// Works the wire. It goes after the client, so that it can take leave of the server.
    driver: Closing,
    statements: StatementCache,
    /// The number of times that a plan no longer fit, on any connection of the pool.
    changes: Arc<AtomicUsize>,
    /// The runtime that it was made on, which tells it when the server has sent something.
    runtime: Id,
    at: ConnectedServer,
    /// The position that its server has replayed, as far as was asked.
    pub(crate) replayed: AtomicU64,
}

/// The server of a connection, and how long it is used.
pub(crate) struct ConnectedServer {
    /// The place of the server among those of the pool.
    pub(crate) host: usize,
    /// The kind of server that is wanted.
    pub(crate) wanted: TargetSession,
    /// The role of the server, as far as that matters.
    pub(crate) reported: Arc<ReportedRole>,
    /// The end of the connection's life.
    pub(crate) expires: Option<Instant>,
}

/// The driver of a connection, which is closed when this goes.
struct Closing(Arc<Driver>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl ServerConnection {
    pub(crate) fn new(
        client: tokio_postgres::Client,
        driver: Arc<Driver>,
        changes: Arc<AtomicUsize>,
        runtime: Id,
        at: ConnectedServer,
    ) -> Self {
        let statements = StatementCache::default();
        let replayed = AtomicU64::new(0);
        Self { client, driver: Closing(driver), statements, changes, runtime, at, replayed }
    }

    /// Whether it was made on this runtime. Elsewhere it would wait for as long as nobody drives its
    /// own.
    pub(crate) fn is_of(&self, runtime: Id) -> bool {
        self.runtime == runtime
    }

    /// Whether it is known to be closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.driver.0.look();
        self.client.is_closed()
    }

    /// Whether its server has this place among those of the pool; any has `None`.
    pub(crate) fn is_at(&self, host: Option<usize>) -> bool {
        host.is_none_or(|host| self.at.host == host)
    }

    pub(crate) fn fit(&self) -> Fit {
        match self.at.reported.get() {
            Some(role) => self.at.wanted.fit(role),
            None => Fit::Wanted,
        }
    }

    /// This connection, whose server is taken as it is.
    pub(crate) fn accepted(mut self) -> Self {
        self.at.wanted = TargetSession::Any;
        self
    }

    /// Whether it has lived long enough, or its server no longer is of the kind that is wanted.
    pub(crate) fn is_outlived(&self) -> bool {
        self.fit() != Fit::Wanted || self.at.expires.is_some_and(|end| Instant::now() >= end)
    }

    /// Makes sure that the server answers.
    pub(crate) async fn answers(&self) -> Result<(), tokio_postgres::Error> {
        self.driver.0.wait(pin!(self.client.batch_execute(""))).await
    }

    /// Runs SQL without values.
    #[cfg(feature = "json")]
    pub(crate) async fn execute(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        self.driver.0.wait(pin!(self.client.batch_execute(sql))).await
    }

    /// Waits for what the connection brings.
    #[cfg(feature = "json")]
    pub(crate) async fn wait<F: Future>(&self, brought: std::pin::Pin<&mut F>) -> F::Output {
        self.driver.0.wait(brought).await
    }

    /// The prepared statement, if it is kept.
    fn kept(&self, statement: &Statement) -> Option<tokio_postgres::Statement> {
        self.statements.get(statement, self.changes.load(Ordering::Relaxed))
    }

    async fn prepare(&self, statement: &Statement) -> Result<tokio_postgres::Statement> {
        self.statements.prepare(&self.client, statement).await
    }
}

/// A connection that is lent.
pub(crate) enum PoolClient {
    Pooled(PoolGuard),
    #[cfg(feature = "deadpool-postgres")]
    Deadpool(Box<deadpool_postgres::Client>),
}

impl PoolClient {
    /// The client that sends; its answers are awaited by [`wait`](Self::wait).
    pub(crate) fn asks(&self) -> &tokio_postgres::Client {
        match self {
            Self::Pooled(client) => &client.client,
            #[cfg(feature = "deadpool-postgres")]
            Self::Deadpool(client) => client,
        }
    }

    /// The driver; `None` for a deadpool client, whose own task polls the connection.
    #[cfg_attr(not(feature = "deadpool-postgres"), allow(clippy::unnecessary_wraps))]
    pub(crate) fn driver(&self) -> Option<&Arc<Driver>> {
        match self {
            Self::Pooled(client) => Some(&client.driver.0),
            #[cfg(feature = "deadpool-postgres")]
            Self::Deadpool(_) => None,
        }
    }

    /// Whether it is known to be closed.
    pub(crate) fn is_closed(&self) -> bool {
        match self {
            Self::Pooled(client) => client.is_closed(),
            #[cfg(feature = "deadpool-postgres")]
            Self::Deadpool(client) => client.is_closed(),
        }
    }

    /// The prepared statement, where it is known at once.
    pub(crate) fn kept(&self, statement: &Statement) -> Option<tokio_postgres::Statement> {
        match self {
            Self::Pooled(client) => client.kept(statement),
            #[cfg(feature = "deadpool-postgres")]
            Self::Deadpool(_) => None,
        }
    }

    /// The prepared statement, which is prepared now if it never was.
    pub(crate) async fn prepared(
        &self,
        statement: &Statement,
    ) -> Result<tokio_postgres::Statement> {
        match self {
            Self::Pooled(client) => match client.kept(statement) {
                Some(kept) => Ok(kept),
                None => Box::pin(client.prepare(statement)).await,
            },
            #[cfg(feature = "deadpool-postgres")]
            Self::Deadpool(client) => {
                Box::pin(crate::driver::postgres::deadpool::prepared(client, statement)).await
            }
        }
    }

    /// Forgets what was prepared, here and on all other connections of the pool.
    pub(crate) fn forget(&self) {
        match self {
            Self::Pooled(client) => {
                client.changes.fetch_add(1, Ordering::Relaxed);
            }
            #[cfg(feature = "deadpool-postgres")]
            Self::Deadpool(client) => crate::driver::postgres::deadpool::forget(client),
        }
    }

    /// The time that it keeps its place in the pool after its caller was dropped.
    pub(crate) fn patience(&self) -> Patience {
        match self {
            Self::Pooled(_) => Patience { cancel: GRACE, answer: GRACE, without_cancel: false },
            #[cfg(feature = "deadpool-postgres")]
            Self::Deadpool(_) => Patience { cancel: CANCEL, answer: CANCEL, without_cancel: true },
        }
    }

    /// Leaves its pool and is closed.
    pub(crate) fn close(self) {
        match self {
            Self::Pooled(client) => client.close(),
            #[cfg(feature = "deadpool-postgres")]
            Self::Deadpool(client) => drop(deadpool_postgres::Client::take(*client)),
        }
    }
}

/// The time that the place of a connection in its pool is kept while the server may work for it.
pub(crate) struct Patience {
    /// Until a request to cancel is sent.
    pub(crate) cancel: Duration,
    /// Until the server has answered after that.
    pub(crate) answer: Duration,
    /// Whether the answer is waited for also where nothing can be cancelled, as long as the connection
    /// is there.
    pub(crate) without_cancel: bool,
}
