//! Migrations are applied, taken for applied, and accepted after a change.

use super::Migrations;
use super::history::{self, History};
use super::options::{ApplyOptions, Progress};
use super::status::{Applied, pending};
use crate::dialect::Engine;
use crate::driver::executor::Executor;
use crate::driver::pool::Database;
use crate::error::{Error, Result};
use crate::raw_sql::sql;
use crate::schema::Schema;
use crate::schema::migration::file::{Migration, WrittenStep};
use crate::schema::migration::step::Step;

impl Migrations {
    /// Applies the files that are not applied yet, step by step, and continues one that was
    /// interrupted. Does nothing if all are applied.
    ///
    /// One runner at a time works on a database: another one waits until the first is done, and then
    /// finds nothing to do. On PostgreSQL it needs two connections of the pool, and each completed
    /// step is recorded in the table `relations_migrations`, so a runner may be killed at any moment.
    /// On SQLite all steps of a file are one transaction.
    ///
    /// The pool should have no [statement timeout](crate::ConnectOptions::statement_timeout), as
    /// building an index may take long.
    ///
    /// # Errors
    ///
    /// A file has changed since it was applied, the files do not follow one another, or rows prevent
    /// a step ([`Error::is_invalid_request`]); a step fails, and those before it stay done; or the
    /// database cannot be reached ([`Error::is_connection`]).
    pub async fn apply(&self, db: &Database) -> Result<Applied> {
        self.apply_with(db, &ApplyOptions::new()).await
    }

    /// [`apply`](Self::apply) with options: the last file, timeouts, a callback for the progress.
    ///
    /// # Errors
    ///
    /// The errors of [`apply`](Self::apply); or no file has that name
    /// ([`Error::is_invalid_input`](crate::Error::is_invalid_input)).
    pub async fn apply_with(&self, db: &Database, options: &ApplyOptions) -> Result<Applied> {
        let files = self.files_of(db)?;
        let files = up_to(files, options)?;
        match db.engine() {
            #[cfg(feature = "postgres")]
            Engine::Postgres => super::postgres::apply(db, &files, options).await,
            #[cfg(feature = "sqlite")]
            Engine::Sqlite => super::sqlite::apply(db, &files, options).await,
            #[allow(unreachable_patterns, reason = "an engine may not be built in")]
            _ => Ok(Applied::default()),
        }
    }

    /// Marks all files as applied in an existing database, after a [check](crate::Database::check)
    /// has found no drift.
    ///
    /// # Errors
    ///
    /// The check finds drift, or files are applied already
    /// ([`Error::is_invalid_request`](crate::Error::is_invalid_request)).
    pub async fn baseline(&self, db: &Database, schema: Schema) -> Result<()> {
        let files = self.files_of(db)?;
        super::chain(&files)?;
        let report = db.check(schema).await?;
        if !report.is_empty() {
            return Err(Error::invalid_request(format!(
                "the database is not what the migrations would make of it; cure this first:\n{report}"
            )));
        }
        let transaction = db.begin().await?;
        history::create(&transaction).await?;
        let known = history::read(&transaction).await?;
        if let Some(name) = known.names().next() {
            return Err(Error::invalid_request(format!(
                "`{name}.sql` is applied to this database already, so there is no baseline to be set; \
                 say `apply`"
            )));
        }
        for file in &files {
            history::replace(&transaction, &file.name, &file.steps).await?;
        }
        transaction.commit().await
    }

    /// Accepts a file that has changed since it was applied; removes the record of one that no longer
    /// exists.
    ///
    /// # Errors
    ///
    /// Nothing of it is applied ([`Error::is_invalid_input`](crate::Error::is_invalid_input)).
    pub async fn accept(&self, db: &Database, name: &str) -> Result<()> {
        let files = self.files_of(db)?;
        let transaction = db.begin().await?;
        let history = history::read(&transaction).await?;
        let file = files.iter().find(|file| file.name == name);
        let done = history.of(name);
        let Some(last) = done.last() else {
            return Err(Error::invalid_input(format!(
                "nothing of `{name}` is applied to this database, so that it takes the file as it is"
            )));
        };
        match file {
            None => history::forget(&transaction, name).await?,
            // A file that stopped halfway still has steps to be run.
            Some(file) if last.step < last.steps => {
                history::forget(&transaction, name).await?;
                for (at, step) in file.steps.iter().take(last.step).enumerate() {
                    let place = (at + 1, file.steps.len());
                    history::record(&transaction, name, place, &step.text).await?;
                }
            }
            Some(file) => history::replace(&transaction, name, &file.steps).await?,
        }
        transaction.commit().await
    }
}

/// The files up to that which is asked for.
fn up_to(files: Vec<Migration>, options: &ApplyOptions) -> Result<Vec<Migration>> {
    let Some(to) = &options.to else { return Ok(files) };
    let to = to.strip_suffix(".sql").unwrap_or(to);
    let exact = files.iter().position(|file| file.name == *to);
    let begins: Vec<_> = (files.iter().enumerate())
        .filter(|(_, file)| file.name.starts_with(to))
        .map(|(at, _)| at)
        .collect();
    match (exact.as_ref(), &*begins) {
        (Some(at), _) | (None, [at]) => Ok(files.into_iter().take(at + 1).collect()),
        (None, []) => Err(Error::invalid_input(format!("no migration is named `{to}`"))),
        (None, _) => Err(Error::invalid_input(format!(
            "several migrations begin with `{to}`; write more of it"
        ))),
    }
}

/// A step of a file that is to be run.
#[derive(Clone, Copy)]
pub(super) struct FileStep<'a> {
    pub(super) file: &'a Migration,
    pub(super) at: usize,
    pub(super) written: &'a WrittenStep,
}

impl FileStep<'_> {
    pub(super) fn step(&self) -> &Step {
        &self.written.step
    }

    /// Tells that it begins.
    pub(super) fn begin(&self, options: &ApplyOptions) {
        options.tell(&Progress::Step {
            file: &self.file.name,
            number: self.at + 1,
            steps: self.file.steps.len(),
            comments: &self.step().comments,
        });
    }

    /// Keeps that it is done.
    pub(super) async fn record(&self, db: &impl Executor) -> Result<()> {
        let place = (self.at + 1, self.file.steps.len());
        history::record(db, &self.file.name, place, &self.written.text).await
    }

    /// The error of a statement, with the place of it.
    pub(super) fn failed(&self, error: Error) -> Error {
        // One that was told already, and a connection that is gone, tell enough.
        if error.is_invalid_request() || error.is_connection() {
            return error;
        }
        Error::invalid_request(format!(
            "step {} of `{}.sql` (line {}) failed: {error}; the steps before it are done, and \
             `apply` continues with this one",
            self.at + 1,
            self.file.name,
            self.written.line,
        ))
        .because(error)
    }

    /// Whether there is nothing left to do.
    pub(super) async fn is_needless(&self, db: &impl Executor) -> Result<bool> {
        let Some(query) = &self.step().unless else { return Ok(false) };
        let done = match db.engine() {
            Engine::Postgres => sql(query.as_str(), ()).first::<Option<bool>>(db).await?.flatten(),
            Engine::Sqlite => {
                let number = sql(query.as_str(), ()).first::<Option<i64>>(db).await?.flatten();
                number.map(|number| number != 0)
            }
        };
        Ok(done.unwrap_or_default())
    }

    /// Looks for rows that stand in the way, all of which are told at once.
    pub(super) async fn look(&self, db: &impl Executor) -> Result<()> {
        let mut found = Vec::new();
        for (told, query) in &self.step().refuse {
            let rows: i64 = sql(query.as_str(), ()).one(db).await?;
            if rows > 0 {
                let word = if rows == 1 { "row" } else { "rows" };
                found.push(format!("{rows} {word} {told}"));
            }
        }
        if found.is_empty() {
            return Ok(());
        }
        Err(Error::invalid_request(format!(
            "rows prevent `{}.sql` (line {}), and nothing was changed: {}; change them by a step \
             before this one, or by hand",
            self.file.name,
            self.written.line,
            found.join("; "),
        )))
    }
}

/// A file, and its steps that are not done.
pub(super) type Pending<'a> = (&'a Migration, Vec<FileStep<'a>>);

/// The steps that are not done, file by file.
pub(super) fn to_do<'a>(
    files: &'a [Migration],
    history: &History,
) -> Result<(Vec<Pending<'a>>, Vec<String>)> {
    let (pending, ahead) = pending(files, history)?;
    let steps = pending.into_iter().map(|file| {
        let done = history.of(&file.name).len();
        let steps = file.steps.iter().enumerate().skip(done);
        let steps = steps.map(|(at, written)| FileStep { file, at, written }).collect();
        (file, steps)
    });
    Ok((steps.collect(), ahead))
}

/// Keeps a file without steps.
pub(super) async fn record_empty(db: &impl Executor, file: &Migration) -> Result<()> {
    history::record(db, &file.name, (0, 0), "").await
}
