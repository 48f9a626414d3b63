//! Connections, and what is prepared on them.

use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, RandomState};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Handle, Id};
use tokio::time::timeout;
use tokio_postgres::Config;
use tokio_postgres::config::LoadBalanceHosts;

use crate::driver::postgres::abandoned::GRACE;
use crate::driver::postgres::caller_driven::{ConnectionFuture, Driver};
use crate::driver::postgres::connection_pool::{ConnectionPool, PoolGuard};
use crate::driver::postgres::negotiation::Negotiation;
#[cfg(feature = "deadpool-postgres")]
use crate::driver::postgres::retry::CANCEL;
use crate::driver::postgres::sqlstate::{connecting, no_answer};
use crate::driver::postgres::statement_cache::StatementCache;
use crate::driver::statement::Statement;
use crate::error::{Error, Kind, Result};

/// Makes a connection, in the way in which it is encrypted.
type Connect = dyn Fn(Config) -> Pin<Box<Connecting>> + Send + Sync;

type Connecting = dyn Future<Output = Result<(tokio_postgres::Client, ConnectionFuture)>> + Send;

/// Makes connections.
pub(crate) struct Connections {
    /// The servers, each of which is tried where the one before does not let the client in.
    servers: Vec<Config>,
    connect: Box<Connect>,
    /// The number of times that a plan no longer fit.
    changes: Arc<AtomicUsize>,
}

impl Connections {
    pub(crate) fn new(servers: Vec<Config>, negotiation: Negotiation) -> Self {
        let connect = move |config: Config| {
            let negotiation = negotiation.clone();
            let connected: Pin<Box<Connecting>> = Box::pin(async move {
                let (client, wire) = config.connect(negotiation).await.map_err(connecting)?;
                reads_as_expected(|setting| wire.parameter(setting))?;
                Ok((client, Box::pin(silent(wire)) as ConnectionFuture))
            });
            connected
        };
        Self { servers, connect: Box::new(connect), changes: Arc::default() }
    }

    /// A new connection. Each server has that long to let the client in.
    pub(crate) async fn connect(
        &self,
        limit: Duration,
        runtime: &Handle,
    ) -> Result<ServerConnection> {
        let mut failure = None;
        for server in self.in_order() {
            match timeout(limit, (self.connect)(server.clone())).await {
                Ok(Ok((client, wire))) => {
                    let driver = Closing(Arc::new(Driver::new(wire, runtime.clone())));
                    let changes = Arc::clone(&self.changes);
                    let (statements, runtime) = (StatementCache::default(), runtime.id());
                    return Ok(ServerConnection { client, driver, statements, changes, runtime });
                }
                Ok(Err(refused)) => failure = Some(refused),
                Err(_) => failure = Some(no_answer()),
            }
        }
        Err(failure.unwrap_or_else(no_answer))
    }

    /// The servers, beginning with any of them where the URL says so.
    fn in_order(&self) -> impl Iterator<Item = &Config> {
        let random = |config: &Config| config.get_load_balance_hosts() == LoadBalanceHosts::Random;
        let first = match self.servers.as_slice() {
            [first, _, ..] if random(first) => {
                let any = RandomState::new().hash_one(0_u8);
                usize::try_from(any % self.servers.len() as u64).unwrap_or_default()
            }
            _ => 0,
        };
        let (before, after) = self.servers.split_at(first);
        after.iter().chain(before)
    }
}

/// Makes sure that the server reads SQL as it was written, by the settings that it reports.
fn reads_as_expected<'a>(setting: impl Fn(&str) -> Option<&'a str>) -> Result<()> {
    let connection =
        |why: &str| Err(Error::new(Kind::Connection(format!("cannot connect: {why}"))));
    if setting("standard_conforming_strings").is_some_and(|it| it.eq_ignore_ascii_case("off")) {
        return connection(
            "the server reads a `\\` in texts as an escape, so SQL means something else than what \
             was checked; set `standard_conforming_strings` to `on` for the role or the database",
        );
    }
    let is_utf8 = |name: &str| {
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        ["UTF8", "UNICODE"].iter().any(|utf8| name.eq_ignore_ascii_case(utf8))
    };
    if setting("client_encoding").is_some_and(|name| !is_utf8(name)) {
        return connection("the server sends texts in another encoding than UTF-8");
    }
    Ok(())
}

/// A wire that passes over what the server only notes. The driver would write that to the log of the
/// program at its level `INFO`, and a notice may hold values of rows.
async fn silent<S, T>(mut wire: tokio_postgres::Connection<S, T>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    // A failure reaches the callers that wait for answers, as the connection is dropped with it.
    while let Some(Ok(_)) = poll_fn(|context| wire.poll_message(context)).await {}
}

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
}

/// The driver of a connection, which is closed when this goes.
struct Closing(Arc<Driver>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl ServerConnection {
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

    /// Makes sure that the server answers.
    pub(crate) async fn answers(&self) -> Result<(), tokio_postgres::Error> {
        self.driver.0.wait(pin!(self.client.batch_execute(""))).await
    }

    /// The prepared statement, if it is kept.
    fn kept(&self, statement: &Statement) -> Option<tokio_postgres::Statement> {
        self.statements.get(statement, self.changes.load(Ordering::Relaxed))
    }

    async fn prepare(&self, statement: &Statement) -> Result<tokio_postgres::Statement> {
        self.statements.prepare(&self.client, statement).await
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
    pub(crate) async fn lend(&self) -> Result<PoolClient> {
        Ok(match self {
            Self::Pooled(pool) => PoolClient::Pooled(pool.lend().await?),
            #[cfg(feature = "deadpool-postgres")]
            Self::Deadpool(pool) => PoolClient::Deadpool(Box::new(
                Box::pin(crate::driver::postgres::deadpool::lend(pool)).await?,
            )),
        })
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

    /// Waits for answers.
    pub(crate) async fn wait<F: Future>(&self, answers: Pin<&mut F>) -> F::Output {
        match self.driver() {
            Some(driver) => driver.wait(answers).await,
            None => answers.await,
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
