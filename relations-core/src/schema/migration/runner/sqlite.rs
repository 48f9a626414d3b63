//! The runner on SQLite: a transaction for each file, while foreign keys are not heeded.

use std::time::Duration;

use super::apply::{FileStep, record_empty, to_do};
use super::history;
use super::options::{ApplyOptions, Progress};
use super::status::Applied;
use crate::driver::pool::Database;
use crate::driver::sql_session::SqlSession;
use crate::error::{Error, Kind, Result};
use crate::raw_sql::sql;
use crate::schema::migration::file::Migration;
use crate::schema::migration::names::{quoted, text};
use crate::schema::migration::step::{Mode, Rebuild};

pub(super) async fn apply(
    db: &Database,
    files: &[Migration],
    options: &ApplyOptions,
) -> Result<Applied> {
    let session = db.sql_session().await?;
    let run = async |statement: &str| sql(statement, ()).execute(&session).await;
    // A table that is made anew would else take the rows of others with it.
    run("PRAGMA foreign_keys = OFF").await?;
    let mut applied = Applied::default();
    loop {
        begin(&session, options).await?;
        let done = async {
            history::create(&session).await?;
            let history = history::read(&session).await?;
            let (to_do, ahead) = to_do(files, &history)?;
            applied.ahead = ahead;
            let Some((file, steps)) = to_do.into_iter().next() else { return Ok(None) };
            if steps.is_empty() {
                record_empty(&session, file).await?;
            }
            let broken = broken_keys(&session).await?;
            let mut done = 0;
            for place in steps {
                // A statement of its own ends the transaction before it.
                if place.step().mode == Mode::Alone && done > 0 {
                    break;
                }
                place.begin(options);
                step(&session, place, options).await.map_err(|error| place.failed(error))?;
                done += 1;
                if place.step().mode == Mode::Alone {
                    break;
                }
            }
            foreign_keys_hold(&session, file, &broken).await?;
            Ok(Some((file.name.clone(), done)))
        };
        match done.await {
            Ok(done) => {
                // A step of its own has committed before it ran.
                let is_open = run("COMMIT").await;
                if let Err(error) = is_open {
                    let _ = run("ROLLBACK").await;
                    return Err(error);
                }
                let Some((file, steps)) = done else { break };
                applied.steps += steps;
                if applied.files.last() != Some(&file) {
                    applied.files.push(file);
                }
            }
            Err(error) => {
                let _ = run("ROLLBACK").await;
                return Err(error);
            }
        }
    }
    session.close();
    Ok(applied)
}

/// Begins a transaction that writes, once no other one does: another runner may be at work.
async fn begin(session: &SqlSession, options: &ApplyOptions) -> Result<()> {
    let mut has_told = false;
    loop {
        match sql("BEGIN IMMEDIATE", ()).execute(session).await {
            Err(error) if *error.kind() == Kind::Busy => {
                if !has_told {
                    options.tell(&Progress::Waiting);
                }
                has_told = true;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            begun => return begun.map(drop),
        }
    }
}

async fn step(session: &SqlSession, place: FileStep<'_>, options: &ApplyOptions) -> Result<()> {
    let run = async |statement: &str| sql(statement, ()).execute(session).await;
    place.look(session).await?;
    if place.is_needless(session).await? {
        return place.record(session).await;
    }
    let statements = &place.step().statements;
    if place.step().mode == Mode::Alone {
        run("COMMIT").await?;
        for statement in statements {
            run(statement).await?;
        }
        begin(session, options).await?;
        return place.record(session).await;
    }
    let saved = match &place.step().rebuild {
        Some(rebuild) => saved(session, place, rebuild).await?,
        None => Vec::new(),
    };
    for statement in statements {
        run(statement).await?;
    }
    for (name, create) in saved {
        let query = "SELECT count(*) FROM sqlite_schema WHERE name = $1";
        let is_there: i64 = sql(query, (&*name,)).one(session).await?;
        if is_there == 0 {
            run(&create).await.map_err(|error| {
                Error::invalid_request(format!(
                    "`{name}` cannot be made again behind step {} of `{}.sql` (line {}): {error}; drop it \
                     by a step in front of this one",
                    place.at + 1,
                    place.file.name,
                    place.written.line,
                ))
                .because(error)
            })?;
        }
    }
    place.record(session).await
}

/// The triggers and indexes of a table that is made anew, which would go with it. A column that the
/// migration does not know would be lost, so that is refused.
async fn saved(
    session: &SqlSession,
    place: FileStep<'_>,
    rebuild: &Rebuild,
) -> Result<Vec<(String, String)>> {
    let Rebuild { table, columns, indexes } = rebuild;
    let query = format!("SELECT name FROM pragma_table_xinfo({})", text(table));
    let found: Vec<String> = sql(query, ()).all(session).await?;
    let is_known =
        |column: &&String| columns.iter().any(|known| known.eq_ignore_ascii_case(column));
    if let Some(unknown) = found.iter().find(|column| !is_known(column)) {
        return Err(Error::invalid_request(format!(
            "step {} of `{}.sql` (line {}) makes the table {} anew and would lose its column `{unknown}`, \
             which the migrations do not know; add it to the entity, or drop it by hand",
            place.at + 1,
            place.file.name,
            place.written.line,
            quoted(table),
        )));
    }
    let query = "SELECT name, sql FROM sqlite_schema WHERE tbl_name = $1 COLLATE NOCASE AND type IN \
                 ('trigger', 'index') AND sql IS NOT NULL ORDER BY type, name";
    // The step creates the indexes that it knows, unless it drops them.
    let all: Vec<(String, String)> = sql(query, (&**table,)).all(session).await?;
    Ok(all.into_iter().filter(|(name, _)| !indexes.contains(name)).collect())
}

/// A table, the number of its rows that lead nowhere, and the table they lead to.
type Broken = (String, i64, String);

async fn broken_keys(session: &SqlSession) -> Result<Vec<Broken>> {
    let query = "SELECT \"table\", count(*), parent FROM pragma_foreign_key_check GROUP BY 1, 3";
    sql(query, ()).all(session).await
}

/// Foreign keys were not heeded meanwhile, so that all are looked at before anything holds. Rows that led
/// nowhere before are not the fault of a migration.
async fn foreign_keys_hold(
    session: &SqlSession,
    file: &Migration,
    before: &[Broken],
) -> Result<()> {
    let mut broken = broken_keys(session).await?;
    let is_old = |one: &Broken| {
        before.iter().any(|old| (&old.0, &old.2) == (&one.0, &one.2) && old.1 >= one.1)
    };
    broken.retain(|one| !is_old(one));
    if broken.is_empty() {
        return Ok(());
    }
    let told = broken.iter().map(|(table, rows, parent)| {
        let (word, lead) = if *rows == 1 { ("row", "leads") } else { ("rows", "lead") };
        format!("{rows} {word} of `{table}` {lead} to a row of `{parent}` that does not exist")
    });
    Err(Error::invalid_request(format!(
        "`{}.sql` would break foreign keys, and was rolled back: {}",
        file.name,
        told.collect::<Vec<_>>().join("; "),
    )))
}
