//! A pool, which lends its connections and sends again what does no harm.

use std::future::Future;
use std::pin::Pin;
use std::slice;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_postgres::CancelToken;

use super::super::trace::Trace;
use super::super::{EachRow, EachRowOfAll, Engine, Operation, Rows, Statement};
use super::connection::Source;
use super::lent::{Again, Failure, Lent};
use crate::error::Result;

/// How long a request to cancel may take.
const CANCEL: Duration = Duration::from_secs(5);

/// Asks the server to stop what a connection runs, in the way by which connections are made.
pub(in crate::engine) type Cancel =
    Box<dyn Fn(CancelToken) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// How the connections of a pool are used.
pub(in crate::engine) struct Usage {
    /// Whether a round trip costs more than to repeat a query.
    pub(in crate::engine) far: bool,
    /// Whether statements are sent with the types of their values, instead of being prepared.
    pub(in crate::engine) unnamed: bool,
    pub(in crate::engine) statement_timeout: Option<Duration>,
    /// None for a pool that somebody else made, who may encrypt in their own way.
    pub(in crate::engine) cancel: Option<Cancel>,
    /// Where connections come to rest, whoever drops them.
    pub(in crate::engine) runtime: Option<Handle>,
}

impl Usage {
    /// Asks the server to stop what a connection runs.
    pub(super) async fn cancel(&self, token: Option<CancelToken>) {
        if let (Some(cancel), Some(token)) = (&self.cancel, token) {
            let _ = timeout(CANCEL, cancel(token)).await;
        }
    }
}

/// A pool, and how its connections are used.
pub(in crate::engine) struct Pool {
    pub(in crate::engine) source: Source,
    pub(in crate::engine) usage: Arc<Usage>,
}

impl Pool {
    /// Lends a connection.
    pub(in crate::engine) async fn lend(&self) -> Result<Lent> {
        Ok(Lent::new(self.source.lend().await?, Arc::clone(&self.usage)))
    }

    /// How many connections there are at most, all of which may have been closed while nobody used
    /// them.
    pub(in crate::engine) fn connections(&self) -> usize {
        self.source.connections()
    }

    /// Gives up statements that have failed, unless they can be sent on another connection, as this one
    /// was closed: those that the server is known not to have run, as often as there are connections,
    /// and those that only read, once.
    fn go_on(&self, statements: &[Statement], failure: Failure, tries: &mut Tries) -> Result<()> {
        let reads = |statement: &Statement| statement.operation() == Operation::Select;
        let again = match failure {
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
    pub(in crate::engine) async fn run(&self, statement: &Statement) -> Result<Rows> {
        let mut tries = Tries::default();
        loop {
            let mut lent = self.lend().await?;
            lent.pending = true;
            let mut answer = lent.send(statement).await;
            if answer.as_ref().is_err_and(|failure| failure.error.is_plan_changed()) {
                answer = lent.send(statement).await;
            }
            match answer {
                Ok(rows) => return Ok(rows.of(lent)),
                Err(failure) => {
                    lent.refused(&failure.error);
                    self.go_on(slice::from_ref(statement), failure, &mut tries)?;
                }
            }
        }
    }

    /// The same, handing each row to a function as it comes.
    pub(in crate::engine) async fn fetch(
        &self,
        statement: &Statement,
        each: EachRow<'_>,
    ) -> Result<u64> {
        let mut tries = Tries::default();
        loop {
            let mut lent = self.lend().await?;
            lent.pending = true;
            let mut read = lent.fetch_each(statement, each).await;
            if read.as_ref().is_err_and(|failure| failure.error.is_plan_changed()) {
                read = lent.fetch_each(statement, each).await;
            }
            match read {
                Ok(number) => {
                    lent.at_rest();
                    return Ok(number);
                }
                Err(failure) => {
                    lent.refused(&failure.error);
                    self.go_on(slice::from_ref(statement), failure, &mut tries)?;
                }
            }
        }
    }

    /// Runs statements that hold by themselves, on one connection; see [`run`](Self::run).
    pub(in crate::engine) async fn run_all(
        &self,
        statements: &[Statement],
        each: EachRowOfAll<'_>,
    ) -> Result<()> {
        if let [only] = statements {
            let trace = Trace::begin(Engine::Postgres, only);
            let read = self.fetch(only, &mut |row| each(0, row)).await;
            return trace.end(read).map(drop);
        }
        let mut tries = Tries::default();
        loop {
            let mut lent = self.lend().await?;
            lent.pending = true;
            match lent.run_together(statements, Again::Once, each).await {
                Ok(()) => {
                    lent.at_rest();
                    return Ok(());
                }
                Err(failure) => {
                    if failure.error.is_lost() {
                        lent.close();
                    }
                    self.go_on(statements, failure, &mut tries)?;
                }
            }
        }
    }
}

/// What was tried on connections that were closed.
#[derive(Default)]
struct Tries {
    /// How often something was not sent.
    unsent: usize,
    /// Whether something was read again.
    read: bool,
}
