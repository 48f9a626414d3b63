//! Statements sent, traced and read.

use std::pin::pin;

use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, EachRow, EachRowOfAll};
use crate::driver::executor::Executor;
use crate::driver::statement::Statement;
use crate::driver::told;
use crate::driver::trace::Trace;
use crate::error::Result;
use crate::value::row::Row;

/// Runs a statement and hands each row to a function. Should it fail, the catalog is asked on the same
/// connection.
///
/// It calls the executor itself, as each function in between adds to the depth that rustc looks
/// through for the layout of a caller's future.
pub(crate) async fn fetch_each(
    db: &impl Executor,
    statement: &Statement,
    each: EachRow<'_>,
) -> Result<u64> {
    let engine = db.engine();
    statement.check(engine)?;
    let mut acquired = db.acquire();
    let trace = begin_trace(&mut acquired, engine, statement);
    let rows = {
        // Pinned, a large future is not moved once more when it is awaited.
        let fetching = pin!(acquired.fetch(statement, each));
        fetching.await
    };
    match end_trace(trace, statement, rows) {
        Err(error) => Err(Box::pin(told(&mut acquired, engine, statement, error)).await),
        rows => rows,
    }
}

/// Runs statements one after another on an acquired connection.
pub(crate) async fn fetch_in_turn(
    acquired: &mut impl Acquired,
    engine: Engine,
    statements: &[Statement],
    each: EachRowOfAll<'_>,
) -> Result<()> {
    for (number, statement) in statements.iter().enumerate() {
        let trace = begin_trace(acquired, engine, statement);
        let rows = acquired.fetch(statement, &mut |row| each(number, row)).await;
        if let Err(error) = end_trace(trace, statement, rows) {
            return Err(Box::pin(told(acquired, engine, statement, error)).await);
        }
    }
    Ok(())
}

/// The trace of a statement; `None` for one that is sent with others, and traced where it is sent.
fn begin_trace<'s>(
    acquired: &mut impl Acquired,
    engine: Engine,
    statement: &'s Statement,
) -> Option<Trace<'s>> {
    let with_others = acquired.gathers(statement) || acquired.joins_others(statement);
    (!with_others).then(|| Trace::begin(engine, statement))
}

fn end_trace(trace: Option<Trace<'_>>, statement: &Statement, rows: Result<u64>) -> Result<u64> {
    match trace {
        Some(trace) => trace.end(rows),
        None => rows.map_err(|error| statement.explain(error)),
    }
}

/// Runs a statement and reads its rows.
pub(crate) async fn fetch<T: Send>(
    db: &impl Executor,
    statement: &Statement,
    read: impl Fn(&Row<'_>) -> Result<T> + Send + Sync,
) -> Result<Vec<T>> {
    let mut values = Vec::new();
    fetch_each(db, statement, &mut |row| {
        values.push(read(row)?);
        Ok(())
    })
    .await?;
    Ok(values)
}

/// Runs a statement and tells how many rows it changed.
pub(crate) async fn execute(db: &impl Executor, statement: &Statement) -> Result<u64> {
    fetch_each(db, statement, &mut |_| Ok(())).await
}
