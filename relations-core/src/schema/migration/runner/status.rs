//! The files that are applied, and those that are not.

use super::history::{self, Done, History};
use super::{Migrations, chain};
use crate::driver::executor::Executor;
use crate::driver::pool::Database;
use crate::error::{Error, Result};
use crate::schema::migration::file::{Migration, WrittenStep, first_difference};

/// The outcome of an application.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Applied {
    /// The files that were applied or continued, in their order.
    pub files: Vec<String>,
    /// The number of steps that were run.
    pub steps: usize,
    /// Files that the database has and the program does not: a later version has applied them.
    pub ahead: Vec<String>,
}

/// The files of a program and of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The files, in the order of their names.
    pub files: Vec<FileStatus>,
}

/// A file, and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileStatus {
    /// The name.
    pub name: String,
    /// The state.
    pub state: State,
}

/// The state of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// All its steps are done.
    Applied,
    /// Some of its steps are done.
    Begun {
        /// The number of steps that are done.
        done: usize,
        /// The number of all.
        steps: usize,
    },
    /// None of its steps is done.
    Pending,
    /// A part of it is done and has changed since.
    Changed {
        /// The line, from 1 on.
        line: usize,
        /// The line as it was when it was run.
        was: String,
        /// The line as it is.
        is: String,
    },
    /// The database has it and the program does not.
    Unknown,
}

impl Status {
    /// Whether everything is applied, as it is written.
    #[must_use]
    pub fn is_up_to_date(&self) -> bool {
        self.files.iter().all(|file| file.state == State::Applied)
    }
}

impl Migrations {
    /// Compares the files with those that are applied. It only reads.
    ///
    /// # Errors
    ///
    /// A text is not a migration, or is for another engine ([`Error::is_invalid_request`]); or the
    /// database cannot be reached.
    pub async fn status(&self, db: &Database) -> Result<Status> {
        let files = self.files_of(db)?;
        let history = history::read(db).await?;
        let known = files.iter().map(|file| FileStatus {
            name: file.name.clone(),
            state: state(file, history.of(&file.name)),
        });
        let unknown = history.names().filter(|name| !files.iter().any(|file| file.name == *name));
        let unknown =
            unknown.map(|name| FileStatus { name: name.to_owned(), state: State::Unknown });
        let mut all: Vec<_> = known.chain(unknown).collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Status { files: all })
    }

    /// The files, which are those of an engine.
    pub(super) fn files_of(&self, db: &impl Executor) -> Result<Vec<Migration>> {
        let files = self.files()?;
        match files.iter().find(|file| file.engine != db.engine()) {
            Some(file) => Err(Error::invalid_request(format!(
                "`{}.sql` is written for {:?}, and the database is {:?}; keep the migrations of each \
                 engine in a folder of its own",
                file.name,
                file.engine,
                db.engine(),
            ))),
            None => Ok(files),
        }
    }
}

pub(super) fn state(file: &Migration, done: &[Done]) -> State {
    if let Some((line, was, is)) = difference(file, done) {
        return State::Changed { line, was, is };
    }
    let Some(last) = done.last() else { return State::Pending };
    if last.step == last.steps {
        State::Applied
    } else {
        State::Begun { done: done.len(), steps: file.steps.len() }
    }
}

/// The first line of the steps that are done which is another one in the file. Steps of a file that
/// stopped halfway may be mended as long as they are not done.
fn difference(file: &Migration, done: &[Done]) -> Option<(usize, String, String)> {
    for one in done.iter().filter(|one| one.step > 0) {
        let Some(WrittenStep { text, line, .. }) = file.steps.get(one.step - 1) else {
            let end = file.steps.last().map_or(1, |step| step.line + step.text.lines().count());
            return Some((
                end,
                one.text.lines().next().unwrap_or_default().to_owned(),
                String::new(),
            ));
        };
        if let Some((at, was, is)) = first_difference(&one.text, text) {
            return Some((line + at, was, is));
        }
    }
    let last = done.last()?;
    let more = file.steps.get(last.steps).filter(|_| last.step == last.steps)?;
    let first = more.text.lines().next().unwrap_or_default().to_owned();
    Some((more.line, String::new(), first))
}

/// The files that are not done, once everything that is done is as it was.
pub(super) fn pending<'a>(
    files: &'a [Migration],
    history: &History,
) -> Result<(Vec<&'a Migration>, Vec<String>)> {
    let mut pending = Vec::new();
    let mut last = None;
    for file in files {
        match state(file, history.of(&file.name)) {
            State::Applied => last = Some(file),
            State::Changed { line, was, is } => {
                return Err(Error::invalid_request(format!(
                    "`{0}.sql` has changed since it was applied: line {line} was `{was}`, and is `{is}`; \
                     undo the change and write another migration, or run `accept {0}`",
                    file.name,
                )));
            }
            _ => pending.push(file),
        }
    }
    chain(files)?;
    if let (Some(first), Some(last)) = (pending.first(), last)
        && first.name < last.name
    {
        return Err(Error::invalid_request(format!(
            "`{0}.sql` comes before `{1}.sql`, which is applied already; rename it so that it \
             comes after, and run `accept {0}` with its new name",
            first.name, last.name,
        )));
    }
    let newest = files.last().map(|file| file.name.as_str()).unwrap_or_default();
    let unknown = history.names().filter(|name| !files.iter().any(|file| file.name == *name));
    let (ahead, missing): (Vec<_>, Vec<_>) = unknown.partition(|name| *name > newest);
    if let Some(missing) = missing.first() {
        return Err(Error::invalid_request(format!(
            "`{missing}` is applied to the database and is not among the files; bring it back, or say \
             `accept {missing}` to forget it",
        )));
    }
    Ok((pending, ahead.into_iter().map(str::to_owned).collect()))
}
