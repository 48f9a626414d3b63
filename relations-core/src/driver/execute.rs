//! Statements sent, traced and read.

use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, EachRow, EachRowOfAll};
use crate::driver::executor::Executor;
use crate::driver::statement::Statement;
use crate::driver::{told, trace};
use crate::error::Result;
use crate::value::row::Row;

/// Runs a statement and hands each row to a function.
pub(crate) async fn fetch_each(
    db: &impl Executor,
    statement: &Statement,
    each: EachRow<'_>,
) -> Result<u64> {
    statement.check(db.engine())?;
    fetch_on(&mut db.acquire(), db.engine(), statement, each).await
}

/// Runs a statement on an acquired connection. Should it fail, the catalog is asked on the same one.
async fn fetch_on(
    acquired: &mut impl Acquired,
    engine: Engine,
    statement: &Statement,
    each: EachRow<'_>,
) -> Result<u64> {
    // A gathered statement is traced where it is sent.
    let trace = (!acquired.gathers(statement)).then(|| trace::Trace::begin(engine, statement));
    let rows = acquired.fetch(statement, each).await;
    let rows = match trace {
        Some(trace) => trace.end(rows),
        None => rows.map_err(|error| statement.explain(error)),
    };
    match rows {
        Err(error) => Err(Box::pin(told(acquired, engine, statement, error)).await),
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
        fetch_on(acquired, engine, statement, &mut |row| each(number, row)).await?;
    }
    Ok(())
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
