//! Statements sent, traced and read.

use crate::dialect::Engine;
use crate::driver::executor::{EachRow, Executor};
#[cfg(feature = "postgres")]
use crate::driver::postgres;
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
    // What is gathered is traced where it is sent.
    let trace = (!db.gathers(statement)).then(|| trace::Trace::begin(db.engine(), statement));
    let rows = db.fetch(statement, each).await;
    let rows = match trace {
        Some(trace) => trace.end(rows),
        None => rows.map_err(|error| statement.explain(error)),
    };
    match rows {
        Err(error) => Err(Box::pin(told(db, statement, error)).await),
        rows => rows,
    }
}

/// Runs statements, together where the engine can be sent several, and hands each row to a function
/// with the number of its statement.
pub(crate) async fn run_all(
    db: &impl Executor,
    statements: &[Statement],
    mut each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
) -> Result<()> {
    #[cfg(feature = "postgres")]
    if db.engine() == Engine::Postgres && statements.len() > 1 {
        return postgres::run_all(db, statements, &mut each).await;
    }
    for (number, statement) in statements.iter().enumerate() {
        fetch_each(db, statement, &mut |row| each(number, row)).await?;
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
