//! The runner on PostgreSQL: a transaction for each step, with its record.

use std::time::Duration;

use super::apply::{FileStep, record_empty, to_do};
use super::history;
use super::lock::MigrationLock;
use super::options::{ApplyOptions, Progress};
use super::status::Applied;
use crate::driver::pool::Database;
use crate::driver::sql_session::SqlSession;
use crate::error::{Error, Result};
use crate::raw_sql::sql;
use crate::schema::migration::file::Migration;
use crate::schema::migration::step::Mode;

pub(super) async fn apply(
    db: &Database,
    files: &[Migration],
    options: &ApplyOptions,
) -> Result<Applied> {
    let lock = MigrationLock::take(db, options).await?;
    let applied = lock.guard(db, options, apply_locked(db, files, options)).await?;
    // All is done: should the lock not be given back, its connection goes with it.
    let _ = lock.release().await;
    Ok(applied)
}

async fn apply_locked(
    db: &Database,
    files: &[Migration],
    options: &ApplyOptions,
) -> Result<Applied> {
    let session = db.sql_session().await?;
    history::create(&session).await?;
    let history = history::read(&session).await?;
    let (to_do, ahead) = to_do(files, &history)?;
    let mut applied = Applied { ahead, ..Applied::default() };
    for (file, steps) in to_do {
        if steps.is_empty() {
            record_empty(&session, file).await?;
        }
        for step in steps {
            step.begin(options);
            retried(&session, step, options).await.map_err(|error| step.failed(error))?;
            applied.steps += 1;
        }
        applied.files.push(file.name.clone());
    }
    session.close();
    Ok(applied)
}

/// Runs a step again that got no lock in time, or lost against another transaction.
async fn retried(session: &SqlSession, step: FileStep<'_>, options: &ApplyOptions) -> Result<()> {
    let mut retry = 0;
    loop {
        let done = match step.step().mode {
            Mode::Transaction => in_transaction(session, step, options).await,
            Mode::Alone => alone(session, step).await,
        };
        let Err(error) = done else { return Ok(()) };
        let is_transient = error.is_locked() || error.is_serialization_failure();
        if !is_transient || retry >= options.retries {
            return Err(if error.is_locked() { never_free(step, retry, &error) } else { error });
        }
        retry += 1;
        let pause = Duration::from_millis(500).saturating_mul(2_u32.saturating_pow(retry - 1));
        options.tell(&Progress::Retry { retry, pause, error: &error });
        tokio::time::sleep(pause).await;
    }
}

fn never_free(step: FileStep<'_>, retries: u32, error: &Error) -> Error {
    Error::invalid_request(format!(
        "step {} of `{}.sql` (line {}) got no lock in time, {} times: a transaction that stays \
         open, or another change of the table, blocks it; see `pg_stat_activity`, and run `apply` \
         again",
        step.at + 1,
        step.file.name,
        step.written.line,
        retries + 1,
    ))
    .because(error.clone())
}

async fn in_transaction(
    session: &SqlSession,
    step: FileStep<'_>,
    options: &ApplyOptions,
) -> Result<()> {
    let run = async |statement: &str| sql(statement, ()).execute(session).await;
    // Rows are counted before anything is locked.
    step.look(session).await?;
    run("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    let work = async {
        let time = options.lock_timeout.as_millis();
        run(&format!("SET LOCAL lock_timeout = {time}")).await?;
        run("SET LOCAL statement_timeout = 0").await?;
        if !step.is_needless(session).await? {
            for statement in &step.step().statements {
                run(statement).await?;
            }
        }
        step.record(session).await
    };
    match work.await {
        Ok(()) => run("COMMIT").await.map(drop),
        Err(error) => {
            let _ = run("ROLLBACK").await;
            Err(error)
        }
    }
}

/// Runs the statements of a step by themselves. To build or drop an index concurrently blocks nobody
/// while it waits, so it may wait longer than a transaction.
async fn alone(session: &SqlSession, step: FileStep<'_>) -> Result<()> {
    step.look(session).await?;
    if !step.is_needless(session).await? {
        for statement in &step.step().statements {
            sql(statement.as_str(), ()).execute(session).await?;
        }
        if step.step().unless.is_some() && !step.is_needless(session).await? {
            return Err(Error::invalid_request(format!(
                "step {} of `{}.sql` (line {}) was run, but its `-- unless` query still does not \
                 return true",
                step.at + 1,
                step.file.name,
                step.written.line,
            )));
        }
    }
    step.record(session).await
}
