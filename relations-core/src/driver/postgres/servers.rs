//! The servers of a pool, and how a connection to one of them is made.

use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, RandomState};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Context;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::timeout;
use tokio_postgres::config::LoadBalanceHosts;
use tokio_postgres::{AsyncMessage, Config, Notification, SimpleQueryMessage};

use crate::driver::postgres::caller_driven::{ConnectionFuture, Driver};
use crate::driver::postgres::connection::{ConnectedServer, ServerConnection};
use crate::driver::postgres::host::Host;
use crate::driver::postgres::negotiation::Negotiation;
use crate::driver::postgres::sqlstate::{connecting, no_answer};
use crate::driver::postgres::target_session::{Fit, ROLE, ReportedRole, Role, TargetSession};
use crate::driver::spawn::spawn;
use crate::error::{Error, Kind, Result};

/// Takes in the notifications of a connection.
pub(crate) type Heard = UnboundedSender<Notification>;

/// Makes a connection, in the way in which it is encrypted.
type Connect = dyn Fn(Config, Option<Heard>) -> Pin<Box<Connecting>> + Send + Sync;

type Connecting = dyn Future<Output = Result<AcceptedConnection>> + Send;

/// A connection that a server has let in.
struct AcceptedConnection {
    client: tokio_postgres::Client,
    wire: ConnectionFuture,
    /// The role of the server, where that matters and is reported.
    role: Option<Role>,
    reported: Arc<ReportedRole>,
}

/// The servers that are chosen among several, and for how long.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Choice {
    /// The kind of server that is wanted.
    pub(crate) target: TargetSession,
    /// The longest life of a connection.
    pub(crate) max_lifetime: Option<Duration>,
}

/// Makes connections.
pub(crate) struct Connections {
    /// The servers, each of which is tried where the one before does not let the client in.
    hosts: Vec<Host>,
    choice: Choice,
    /// Whether connections are spread over the servers.
    spread: bool,
    /// The number of times that one of them was chosen.
    chosen: AtomicUsize,
    connect: Box<Connect>,
    /// The number of times that a plan no longer fit.
    changes: Arc<AtomicUsize>,
}

impl Connections {
    pub(crate) fn new(servers: Vec<Config>, negotiation: Negotiation, choice: Choice) -> Self {
        let watched = choice.target != TargetSession::Any;
        let connect = move |config: Config, heard: Option<Heard>| {
            let negotiation = negotiation.clone();
            let connected: Pin<Box<Connecting>> = Box::pin(async move {
                let (client, wire) = config.connect(negotiation).await.map_err(connecting)?;
                reads_as_expected(|setting| wire.parameter(setting))?;
                let role = Role::reported(|setting| wire.parameter(setting));
                let reported = Arc::<ReportedRole>::default();
                // A server that reports nothing is asked once, and not watched.
                let watch = (watched && role.is_some()).then(|| Arc::clone(&reported));
                Ok(AcceptedConnection {
                    client,
                    wire: Box::pin(silent(wire, watch, heard)),
                    role,
                    reported,
                })
            });
            connected
        };
        let random = |config: &Config| config.get_load_balance_hosts() == LoadBalanceHosts::Random;
        let spread = servers.len() > 1 && servers.first().is_some_and(random);
        let first = if spread { any_of(servers.len()) } else { 0 };
        Self {
            hosts: servers.into_iter().map(Host::new).collect(),
            choice,
            spread,
            chosen: AtomicUsize::new(first),
            connect: Box::new(connect),
            changes: Arc::default(),
        }
    }

    /// The kind of server that is wanted.
    pub(crate) fn target(&self) -> TargetSession {
        self.choice.target
    }

    /// The server whose turn it is, where connections are spread over several.
    pub(crate) fn turn(&self) -> Option<usize> {
        if !self.spread {
            return None;
        }
        let well = |at: &usize| self.hosts.get(*at).is_some_and(Host::is_well);
        let begin = self.chosen.fetch_add(1, Ordering::Relaxed);
        let places = (0..self.hosts.len()).map(|step| begin.wrapping_add(step) % self.hosts.len());
        places.into_iter().find(well)
    }

    /// A new connection, to a given server if it is there. Each server has that long to let the client
    /// in. A server that was not there the last time comes last. Notifications are passed over unless they are
    /// to be heard.
    pub(crate) async fn connect(
        &self,
        first: Option<usize>,
        limit: Duration,
        runtime: &Handle,
        heard: Option<&Heard>,
    ) -> Result<ServerConnection> {
        let (mut failure, mut refused, mut spare) = (None, 0, None);
        for at in self.in_order(first) {
            let Some(host) = self.hosts.get(at) else { continue };
            let attempt = host.attempt();
            match timeout(limit, self.connect_to(at, host, runtime, heard)).await {
                Ok(Ok(connection)) => match connection.fit() {
                    Fit::Wanted => {
                        attempt.succeeded();
                        return Ok(connection);
                    }
                    // It is tried last from now on, as a server that is not there.
                    Fit::Spare => {
                        spare.get_or_insert(connection);
                    }
                    Fit::Refused => refused += 1,
                },
                Ok(Err(error)) => failure = Some(error),
                Err(_) => failure = Some(no_answer()),
            }
        }
        match (spare, failure) {
            (Some(spare), _) => Ok(spare.accepted()),
            (None, failure) if refused > 0 => Err(none_wanted(self.choice.target, failure)),
            (None, failure) => Err(failure.unwrap_or_else(no_answer)),
        }
    }

    /// Tries servers that were not there, beside all calls.
    pub(crate) fn look_again(self: &Arc<Self>, limit: Duration, runtime: &Handle) {
        if self.hosts.len() < 2 {
            return;
        }
        for (at, _) in self.hosts.iter().enumerate().filter(|(_, host)| host.is_due()) {
            let (connections, inside) = (Arc::clone(self), runtime.clone());
            spawn(runtime, async move {
                let Some(host) = connections.hosts.get(at) else { return };
                let attempt = host.attempt();
                let tried = timeout(limit, connections.connect_to(at, host, &inside, None)).await;
                if let Ok(Ok(connection)) = tried
                    && connection.fit() == Fit::Wanted
                {
                    attempt.succeeded();
                }
            });
        }
    }

    async fn connect_to(
        &self,
        host: usize,
        server: &Host,
        runtime: &Handle,
        heard: Option<&Heard>,
    ) -> Result<ServerConnection> {
        let AcceptedConnection { client, wire, mut role, reported } =
            (self.connect)(server.config.clone(), heard.cloned()).await?;
        let driver = Arc::new(Driver::new(wire, runtime.clone()));
        let target = self.choice.target;
        if target != TargetSession::Any && role.is_none() {
            role = Some(asked_role(&client, &driver).await?);
        }
        if let Some(role) = role {
            reported.set(role);
        }
        let max_lifetime = self.choice.max_lifetime;
        let expires = max_lifetime.and_then(|time| Instant::now().checked_add(jittered(time)));
        let at = ConnectedServer { host, wanted: target, reported, expires };
        Ok(ServerConnection::new(client, driver, Arc::clone(&self.changes), runtime.id(), at))
    }

    /// The places of the servers in the order in which they are tried.
    fn in_order(&self, first: Option<usize>) -> Vec<usize> {
        let first = first.or_else(|| self.turn()).unwrap_or_default();
        let number = self.hosts.len();
        let (well, failed): (Vec<_>, Vec<_>) = (0..number)
            .map(|step| (first + step) % number)
            .partition(|at| self.hosts.get(*at).is_some_and(Host::is_well));
        well.into_iter().chain(failed).collect()
    }
}

/// Any number below another one.
fn any_of(number: usize) -> usize {
    let any = RandomState::new().hash_one(0_u8);
    usize::try_from(any % number.max(1) as u64).unwrap_or_default()
}

/// A time that is up to a tenth shorter, so that connections that were made together do not end
/// together.
fn jittered(time: Duration) -> Duration {
    let thousandths = u32::try_from(any_of(101)).unwrap_or_default();
    time.saturating_sub(time / 1000 * thousandths)
}

/// Asks a server that does not report its role.
async fn asked_role(client: &tokio_postgres::Client, driver: &Driver) -> Result<Role> {
    let answer = driver.wait(pin!(client.simple_query(ROLE))).await.map_err(connecting)?;
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let is = |at, value| row.and_then(|row| row.try_get(at).ok().flatten()) == Some(value);
    Ok(Role { standby: is(0, "true"), read_only: is(1, "on") })
}

/// No server is of the kind that is wanted.
fn none_wanted(target: TargetSession, failure: Option<Error>) -> Error {
    let others = match &failure {
        Some(failure) => format!("; another server failed: {failure}"),
        None => String::new(),
    };
    let error = Error::new(Kind::Connection(format!(
        "cannot connect: no server of the URL matches `target_session_attrs={}`{others}",
        target.name(),
    )));
    match failure {
        Some(failure) => error.because(failure),
        None => error,
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
async fn silent<S, T>(
    mut wire: tokio_postgres::Connection<S, T>,
    reported: Option<Arc<ReportedRole>>,
    heard: Option<Heard>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    let mut next = |context: &mut Context<'_>| {
        let message = wire.poll_message(context);
        if let Some(reported) = &reported
            && let Some(role) = Role::reported(|setting| wire.parameter(setting))
        {
            reported.set(role);
        }
        message
    };
    // A failure reaches the callers that wait for answers, as the connection is dropped with it.
    while let Some(Ok(message)) = poll_fn(&mut next).await {
        if let (AsyncMessage::Notification(notification), Some(heard)) = (message, &heard) {
            // The listener that is gone closes the connection.
            let _ = heard.send(notification);
        }
    }
}
