//! The table that keeps which steps are done.

use std::collections::BTreeMap;

use crate::dialect::Engine;
use crate::driver::executor::Executor;
use crate::error::Result;
use crate::raw_sql::sql;
use crate::schema::migration::file::WrittenStep;
use crate::schema::shape::HISTORY as TABLE;

/// The steps that are done.
pub(super) struct History(BTreeMap<String, Vec<Done>>);

/// A step that is done.
pub(super) struct Done {
    /// Its number from 1 on; 0 of a file without steps.
    pub(super) step: usize,
    /// The number of steps that its file had.
    pub(super) steps: usize,
    /// Its text.
    pub(super) text: String,
}

impl History {
    /// The steps of a file that are done, in their order.
    pub(super) fn of(&self, name: &str) -> &[Done] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The names of the files of which something is done.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Creates the table where there is none.
pub(super) async fn create(db: &impl Executor) -> Result<()> {
    if is_there(db).await? {
        return Ok(());
    }
    let columns = match db.engine() {
        Engine::Postgres => {
            "name text NOT NULL, step bigint NOT NULL, steps bigint NOT NULL, content text NOT NULL, \
             finished_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (name, step)"
        }
        Engine::Sqlite => {
            "name TEXT NOT NULL, step INTEGER NOT NULL, steps INTEGER NOT NULL, content TEXT NOT NULL, \
             finished_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')), \
             PRIMARY KEY (name, step)"
        }
    };
    let create = format!("CREATE TABLE IF NOT EXISTS {TABLE} ({columns})");
    sql(create, ()).execute(db).await.map(drop)
}

async fn is_there(db: &impl Executor) -> Result<bool> {
    let found: i64 = match db.engine() {
        Engine::Postgres => {
            sql("SELECT count(*) FROM pg_class WHERE oid = to_regclass($1)", (TABLE,))
                .one(db)
                .await?
        }
        Engine::Sqlite => {
            let query = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $1";
            sql(query, (TABLE,)).one(db).await?
        }
    };
    Ok(found > 0)
}

/// The steps that are done; none where there is no table.
pub(super) async fn read(db: &impl Executor) -> Result<History> {
    let mut all: BTreeMap<String, Vec<Done>> = BTreeMap::new();
    if is_there(db).await? {
        let query = format!("SELECT name, step, steps, content FROM {TABLE} ORDER BY name, step");
        let rows: Vec<(String, i64, i64, String)> = sql(query, ()).all(db).await?;
        for (name, step, steps, text) in rows {
            let number = |number: i64| usize::try_from(number).unwrap_or_default();
            let done = Done { step: number(step), steps: number(steps), text };
            all.entry(name).or_default().push(done);
        }
    }
    Ok(History(all))
}

/// Keeps that a step is done.
pub(super) async fn record(
    db: &impl Executor,
    file: &str,
    (number, steps): (usize, usize),
    text: &str,
) -> Result<()> {
    let insert =
        format!("INSERT INTO {TABLE} (name, step, steps, content) VALUES ($1, $2, $3, $4)");
    let counted = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let values = (file, counted(number), counted(steps), text);
    sql(insert, values).execute(db).await.map(drop)
}

/// Keeps that all steps of a file are done, whatever was kept of it before.
pub(super) async fn replace(db: &impl Executor, file: &str, steps: &[WrittenStep]) -> Result<()> {
    forget(db, file).await?;
    if steps.is_empty() {
        return record(db, file, (0, 0), "").await;
    }
    for (at, step) in steps.iter().enumerate() {
        record(db, file, (at + 1, steps.len()), &step.text).await?;
    }
    Ok(())
}

/// Forgets a file.
pub(super) async fn forget(db: &impl Executor, file: &str) -> Result<()> {
    sql(format!("DELETE FROM {TABLE} WHERE name = $1"), (file,)).execute(db).await.map(drop)
}
