//! Statements that are sent again because that does no harm, or are given up.

use std::slice;

use crate::driver::postgres::connection_pool::PostgresPool;
use crate::driver::postgres::failure::Failure;
use crate::driver::postgres::replicas::After;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::error::Result;
use crate::sql::operation::Operation;

impl PostgresPool {
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

    /// Gives up a snapshot, unless everything may be read once more in another one.
    pub(crate) fn begin_again(&self, failure: Failure, tries: &mut Tries) -> Result<()> {
        let Failure { error, unsent, .. } = failure;
        let again = if error.is_lost() && unsent {
            tries.unsent += 1;
            tries.unsent <= self.connections()
        } else if error.is_plan_changed() {
            !std::mem::replace(&mut tries.changed, true)
        } else {
            (error.is_lost() || error.is_retryable()) && !std::mem::replace(&mut tries.read, true)
        };
        if again { Ok(()) } else { Err(error) }
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
