//! One snapshot for all statements of a tree: a transaction that begins with the first of them, and ends
//! with the last.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Instant;

use futures_util::future::{join_all, join3};

use crate::dialect::{Engine, StatementSql};
use crate::driver::acquired::{EachRowOfAll, RoundTrip};
use crate::driver::postgres::connection::PoolClient;
use crate::driver::postgres::failure::{Again, Failure};
use crate::driver::postgres::pipeline;
use crate::driver::postgres::pipeline::{Polled, end, polled_once, prepared};
use crate::driver::postgres::pooled_connection::{OnConnection, PooledConnection, wait};
use crate::driver::postgres::sqlstate::error;
use crate::driver::statement::Statement;
use crate::driver::trace;
use crate::driver::trace::Trace;
use crate::error::{Error, Result};
use crate::sql::operation::Operation;
use crate::value::parameter::Values;

/// Ends a transaction in which nothing was written.
const COMMIT: &str = "COMMIT";

/// Statements that are sent together within a transaction, and what goes before and behind them.
struct SnapshotRound<'a> {
    begin: Option<&'static str>,
    statements: &'a [Statement],
    commit: bool,
}

/// The connection after a round of which all rows are here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ConnectionHealth {
    Well,
    /// It is of no more use.
    Broken,
}

impl From<Result<(), Failure>> for ConnectionHealth {
    fn from(closed: Result<(), Failure>) -> Self {
        if closed.is_ok() { Self::Well } else { Self::Broken }
    }
}

impl PooledConnection {
    /// Runs a round of a tree in one transaction, which the first one begins and the last one ends.
    /// After a failure, dropping this rolls back a transaction that was begun.
    pub(crate) async fn round_in_snapshot(
        &mut self,
        begin: Option<&'static str>,
        round: RoundTrip<'_>,
        each: EachRowOfAll<'_>,
    ) -> Result<(), Failure> {
        self.pending = true;
        let commit = round.is_last;
        let round = SnapshotRound { begin, statements: round.statements, commit };
        match self.run_round(round, each).await? {
            ConnectionHealth::Broken => self.close(),
            ConnectionHealth::Well if commit => self.at_rest(),
            ConnectionHealth::Well => {}
        }
        Ok(())
    }

    /// Ends the transaction of a tree, if its last round has not.
    pub(crate) async fn end_snapshot(&mut self) -> Result<(), Failure> {
        if *self.open.get_mut() {
            self.commit().await.map_err(Failure::unsent)?;
        }
        self.at_rest();
        Ok(())
    }

    async fn run_round(
        &self,
        round: SnapshotRound<'_>,
        each: EachRowOfAll<'_>,
    ) -> Result<ConnectionHealth, Failure> {
        let client = self.client().map_err(Failure::unsent)?;
        let deadline = self.deadline(round.statements.len());
        let running = pin!(async {
            if self.is_unnamed() {
                Box::pin(self.run_unnamed(client, round, each)).await
            } else {
                self.run_prepared(client, round, each).await
            }
        });
        wait(client, deadline.as_ref(), running).await
    }

    /// Sends statements that are prepared. What cannot be prepared fails before anything is begun.
    async fn run_prepared(
        &self,
        client: &PoolClient,
        round: SnapshotRound<'_>,
        each: EachRowOfAll<'_>,
    ) -> Result<ConnectionHealth, Failure> {
        let SnapshotRound { begin, statements, commit } = round;
        let prepared = prepared(client, statements).await?;
        let begun = trace::now();
        // Each is sent when it is first polled; nobody can stop waiting in between.
        let opening = self.opening(client, begin).await;
        let sent = pipeline::send(client.asks(), statements, &prepared, begun).await;
        let closing = self.closing(client, commit).await;
        told(opening, Operation::Begin, begin.unwrap_or_default(), begun).await?;
        if let Err(failure) = sent.read(Again::Never, each).await {
            self.forget_changed(&failure.error);
            return Err(Failure::unknown(failure.error));
        }
        Ok(told(closing, Operation::Commit, COMMIT, begun).await.into())
    }

    /// Sends statements that are not prepared. All answers are read at the same time, as those of
    /// [`pipeline::run_all`] are.
    async fn run_unnamed(
        &self,
        client: &PoolClient,
        round: SnapshotRound<'_>,
        each: EachRowOfAll<'_>,
    ) -> Result<ConnectionHealth, Failure> {
        let SnapshotRound { begin, statements, commit } = round;
        let begun = trace::now();
        let by = OnConnection(self, client);
        let opening = self.opening(client, begin).await;
        let mut sent = polled_once(pipeline::gathered(&by, statements, begun)).await;
        let closing = self.closing(client, commit).await;
        let opened = told(opening, Operation::Begin, begin.unwrap_or_default(), begun);
        let closed = told(closing, Operation::Commit, COMMIT, begun);
        let answers = join_all(sent.iter_mut().map(Pin::as_mut));
        let (opened, _, closed) = join3(opened, answers, closed).await;
        opened?;
        for (number, mut answer) in sent.into_iter().enumerate() {
            let Some((trace, rows)) = answer.as_mut().take_output() else { continue };
            let read = end(trace, rows, &mut |row| each(number, row)).await;
            read.map_err(Failure::unknown)?;
        }
        Ok(closed.into())
    }

    /// Begins a transaction, if one is to be begun. From then on it is to be ended.
    async fn opening<'c>(
        &self,
        client: &'c PoolClient,
        begin: Option<&'c str>,
    ) -> Option<Control<impl Future<Output = Result<(), tokio_postgres::Error>> + 'c>> {
        let begin = begin?;
        self.open.store(true, Ordering::Relaxed);
        polled_once([client.asks().batch_execute(begin)].into_iter()).await.pop()
    }

    /// Ends the transaction behind all that was sent, if this is the last of it.
    async fn closing<'c>(
        &self,
        client: &'c PoolClient,
        commit: bool,
    ) -> Option<Control<impl Future<Output = Result<(), tokio_postgres::Error>> + 'c>> {
        if !commit {
            return None;
        }
        let closing = polled_once([client.asks().batch_execute(COMMIT)].into_iter()).await.pop();
        self.open.store(false, Ordering::Relaxed);
        closing
    }

    /// Ends a transaction whose last statement was not known to be the last. `COMMIT` is sent, and not
    /// waited for: it changes nothing, and is answered before what is sent next.
    async fn commit(&self) -> Result<()> {
        let begun = trace::now();
        let client = self.client()?;
        let mut closing = self.closing(client, true).await;
        let mut sent = false;
        let sending = pin!(poll_fn(|context| {
            let Some(closing) = &mut closing else { return Poll::Ready(()) };
            // One poll has queued it; the next turn is that of the task which sends it.
            let answered = closing.as_mut().poll(context).is_ready();
            if answered || std::mem::replace(&mut sent, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        }));
        client.wait(sending).await;
        tell(Operation::Commit, COMMIT, begun, Ok(()));
        Ok(())
    }
}

/// A statement that begins or ends a transaction, which was sent.
type Control<F> = Polled<F>;

/// Waits for a statement that begins or ends a transaction, and tells the trace of it.
async fn told(
    control: Option<Control<impl Future<Output = Result<(), tokio_postgres::Error>>>>,
    operation: Operation,
    sql: &'static str,
    begun: Option<Instant>,
) -> Result<(), Failure> {
    let Some(mut control) = control else { return Ok(()) };
    control.as_mut().await;
    let answer = control.as_mut().take_output().unwrap_or(Ok(())).map_err(error);
    tell(operation, sql, begun, answer.as_ref().copied());
    answer.map_err(Failure::unsent)
}

/// Tells the trace of a statement that begins or ends a transaction, if somebody listens.
fn tell(operation: Operation, sql: &str, begun: Option<Instant>, answer: Result<(), &Error>) {
    if begun.is_some() {
        let statement = Statement::new(operation, StatementSql::exempt(sql), Values::new());
        Trace::begun(Engine::Postgres, &statement, begun).ended(answer.map(|()| 0));
    }
}
