//! Pipelining: statements that are sent together on one connection, and answered in their order.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Instant;

use futures_util::future::{MaybeDone, join_all, maybe_done, try_join_all};
use smallvec::SmallVec;
use tokio_postgres::RowStream;

use crate::dialect::Engine;
use crate::driver::acquired::{EachRow, EachRowOfAll};
use crate::driver::executor::Executor;
use crate::driver::postgres::connection::PoolClient;
use crate::driver::postgres::failure::{Again, Failure};
use crate::driver::postgres::pooled_connection::read;
use crate::driver::postgres::value::WireValue;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::driver::trace;
use crate::driver::trace::Trace;
use crate::error::Result;

/// Values of a few statements that are sent together.
pub(crate) type Together<T> = SmallVec<[T; 4]>;

/// A future that was polled once.
pub(crate) type Polled<F> = Pin<Box<MaybeDone<F>>>;

/// Polls futures once, one after another.
pub(crate) async fn polled_once<F: Future>(
    futures: impl Iterator<Item = F>,
) -> Together<Polled<F>> {
    let mut polled: Together<_> = futures.map(|future| Box::pin(maybe_done(future))).collect();
    poll_fn(|context| {
        for future in &mut polled {
            let _ = future.as_mut().poll(context);
        }
        Poll::Ready(())
    })
    .await;
    polled
}

/// The prepared statements, all of which are prepared together that never were.
pub(crate) async fn prepared(
    client: &PoolClient,
    statements: &[Statement],
) -> Result<Together<tokio_postgres::Statement>, Failure> {
    let kept = statements.iter().map(|statement| client.kept(statement));
    if let Some(kept) = kept.collect::<Option<Together<_>>>() {
        return Ok(kept);
    }
    let prepared = statements.iter().map(|statement| async move {
        let prepared = client.prepared(statement).await;
        prepared.map_err(|error| Failure::unsent(statement.explain(error)))
    });
    Ok(try_join_all(prepared).await?.into())
}

/// Prepared statements that were sent together.
pub(crate) struct Pipeline<'a, F: Future> {
    statements: &'a [Statement],
    sent: Together<Polled<F>>,
    begun: Option<Instant>,
}

/// A statement whose answer was gathered, as an earlier one is sent once more.
pub(crate) struct Gathered<'a> {
    pub(crate) number: usize,
    pub(crate) statement: &'a Statement,
    pub(crate) trace: Trace<'a>,
    pub(crate) rows: Result<Rows>,
}

/// Sends prepared statements. Each is sent when its future is first polled; no caller can be dropped
/// in between.
pub(crate) async fn send<'a>(
    client: &'a tokio_postgres::Client,
    statements: &'a [Statement],
    prepared: &'a [tokio_postgres::Statement],
    begun: Option<Instant>,
) -> Pipeline<'a, impl Future<Output = Result<RowStream, tokio_postgres::Error>> + use<'a>> {
    let sent = statements
        .iter()
        .zip(prepared)
        .map(|(statement, prepared)| client.query_raw(prepared, statement.values().map(WireValue)));
    Pipeline { statements, sent: polled_once(sent).await, begun }
}

impl<'a, F: Future<Output = Result<RowStream, tokio_postgres::Error>>> Pipeline<'a, F> {
    /// Hands the rows of each statement to a function in turn, up to the first failure.
    ///
    /// Answers come in the order of the statements, and a statement that is sent once more is answered
    /// after all others. With [`Again::Once`], answers are therefore gathered from the first statement
    /// on whose plan has changed, and returned.
    pub(crate) async fn read(
        self,
        again: Again,
        each: EachRowOfAll<'_>,
    ) -> Result<Vec<Gathered<'a>>, Failure> {
        let mut gathered = Vec::new();
        for ((number, statement), mut answer) in self.statements.iter().enumerate().zip(self.sent) {
            answer.as_mut().await;
            let Some(rows) = answer.as_mut().take_output() else { continue };
            let rows = rows.map_err(Failure::of);
            let trace = Trace::begun(Engine::Postgres, statement, self.begun);
            let changed = rows.as_ref().is_err_and(|failure| failure.error.is_plan_changed());
            if again == Again::Once && (changed || !gathered.is_empty()) {
                let rows = match rows {
                    Ok(rows) => Rows::postgres(rows).gathered().await,
                    Err(failure) => Err(failure.error),
                };
                gathered.push(Gathered { number, statement, trace, rows });
                continue;
            }
            let read = match rows {
                Ok(rows) => read(rows, &mut |row| each(number, row)).await,
                Err(failure) => Err(failure),
            };
            match read {
                Ok(rows) => trace.ended(Ok(rows)),
                Err(Failure { error, unsent, handed }) => {
                    let error = statement.explain(error);
                    trace.ended(Err(&error));
                    // After the first statement, some have been run, and rows were handed on.
                    let first = number == 0;
                    let (unsent, handed) = (first && unsent, !first || handed);
                    return Err(Failure { error, unsent, handed });
                }
            }
        }
        Ok(gathered)
    }
}

/// Unnamed statements, each with all of its rows. All answers have to be read at the same time: they
/// need not come in the order of the statements, and an unread answer holds up all behind it.
pub(crate) fn gathered<'a>(
    db: &'a impl Executor,
    statements: &'a [Statement],
    begun: Option<Instant>,
) -> impl Iterator<Item = impl Future<Output = (Trace<'a>, Result<Rows>)>> {
    statements.iter().map(move |statement| {
        let trace = Trace::begun(Engine::Postgres, statement, begun);
        async move {
            let rows = match db.run(statement).await {
                Ok(rows) => rows.gathered().await,
                Err(error) => Err(error),
            };
            (trace, rows)
        }
    })
}

/// Sends unnamed statements together, and hands the rows of each to a function in turn.
pub(crate) async fn run_all(
    db: &impl Executor,
    statements: &[Statement],
    each: EachRowOfAll<'_>,
) -> Result<()> {
    let sent = gathered(db, statements, trace::now());
    for (number, (trace, rows)) in join_all(sent).await.into_iter().enumerate() {
        end(trace, rows, &mut |row| each(number, row)).await?;
    }
    Ok(())
}

/// Hands the rows of a statement to a function, and ends its trace.
pub(crate) async fn end(trace: Trace<'_>, rows: Result<Rows>, each: EachRow<'_>) -> Result<()> {
    let rows = match rows {
        Ok(rows) => rows.for_each(each).await,
        Err(error) => Err(error),
    };
    trace.end(rows).map(drop)
}
