//! A pool, which lends its connections and sends again what does no harm.

use std::future::Future;
use std::pin::Pin;
use std::slice;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_postgres::CancelToken;

use crate::driver::postgres::checked::Certain;
use crate::driver::postgres::connection::Source;
use crate::driver::postgres::failure::Failure;
use crate::driver::postgres::pooled_connection::PooledConnection;
use crate::driver::postgres::replicas::{After, Replicas};
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::error::Result;
use crate::sql::operation::Operation;

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

    /// The meaning of a failure of a statement by itself on this pool.
    pub(crate) fn judged(&self, failure: Failure) -> Failure {
        if self.writes() {
            Failure { error: failure.error.of_writer(), ..failure }
        } else {
            failure
        }
    }

    /// Gives up statements that have failed, unless they can be sent on another connection, as this one
    /// was closed: those that the server is known not to have run, as often as there are connections,
    /// and those that only read, once. A write that a server refused since it no longer writes is one
    /// that was not run.
    pub(crate) fn go_on(
        &self,
        statements: &[Statement],
        failure: Failure,
        tries: &mut Tries,
    ) -> Result<()> {
        let writes = |statement: &Statement| {
            let operation = statement.operation();
            matches!(operation, Operation::Insert | Operation::Update | Operation::Delete)
        };
        let reads = |statement: &Statement| statement.operation() == Operation::Select;
        let again = match failure {
            Failure { ref error, .. } if error.is_demoted() && statements.iter().all(writes) => {
                tries.unsent += 1;
                tries.unsent <= self.connections()
            }
            Failure { handed: true, .. } => false,
            Failure { ref error, .. } if !error.is_lost() => false,
            Failure { unsent: true, .. } => {
                tries.unsent += 1;
                tries.unsent <= self.connections()
            }
            Failure { unsent: false, .. } => {
                !std::mem::replace(&mut tries.read, true) && statements.iter().all(reads)
            }
        };
        if again { Ok(()) } else { Err(failure.error) }
    }

    /// Runs a statement that holds by itself. What does no harm is sent once more: where its prepared
    /// statement no longer fits, and on another connection where one was closed.
    pub(crate) async fn run(&self, statement: &Statement, after: Option<After>) -> Result<Rows> {
        if let Some(set) = self.tenant_of(statement) {
            return Box::pin(self.run_as_tenant(statement, &set?, after)).await;
        }
        let mut tries = Tries::default();
        loop {
            let mut lent = self.lend_after(after).await?;
            lent.pending = true;
            let mut answer = lent.send_alone(statement).await;
            if answer.as_ref().is_err_and(|failure| failure.error.is_plan_changed()) {
                answer = lent.send_alone(statement).await;
            }
            match answer {
                Ok(rows) => return Ok(rows.of(lent)),
                Err(failure) => {
                    let failure = self.judged(failure);
                    lent.refused(&failure.error);
                    self.go_on(slice::from_ref(statement), failure, &mut tries)?;
                }
            }
        }
    }
}

/// The attempts on connections that were closed.
#[derive(Default)]
pub(crate) struct Tries {
    /// The number of times that a statement was not sent.
    pub(crate) unsent: usize,
    /// Whether something was read again.
    pub(crate) read: bool,
    /// Whether something was prepared again.
    pub(crate) changed: bool,
}
