//! The runner: files of migrations and their steps, applied to a database once.

mod apply;
mod history;
#[cfg(feature = "postgres")]
mod lock;
mod options;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod status;

pub use options::{ApplyOptions, Progress};
pub use status::{Applied, FileStatus, State, Status};

use std::borrow::Cow;

use super::file::Migration;
use crate::error::{Error, Result};

/// The migrations of a program: files of SQL that are applied in the order of their names.
///
/// `generate` writes a module beside the files, with a constant of this type that embeds their texts, so
/// the program needs no files at run time.
///
/// ```no_run
/// use relations::shape::migration::Migrations;
///
/// const MIGRATIONS: Migrations = Migrations::new(&[
///     // ("20261129T1410_first", include_str!("20261129T1410_first.sql")),
/// ]);
///
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let applied = MIGRATIONS.apply(db).await?;
/// println!("{} files are new", applied.files.len());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[doc(alias = "migrate")]
pub struct Migrations(Files);

#[derive(Debug, Clone)]
enum Files {
    Embedded(&'static [(&'static str, &'static str)]),
    Read(Vec<(String, String)>),
}

impl Migrations {
    /// Migrations by their names, without `.sql`, and their texts.
    #[must_use]
    pub const fn new(files: &'static [(&'static str, &'static str)]) -> Self {
        Self(Files::Embedded(files))
    }

    /// Migrations that were read at run time, by their names, without `.sql`, and their texts.
    #[must_use]
    pub fn read(files: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(Files::Read(files.into_iter().collect()))
    }

    /// The files in the order of their names.
    ///
    /// # Errors
    ///
    /// A text is not a migration, or two have the same name
    /// ([`Error::is_invalid_request`](crate::Error::is_invalid_request)).
    pub fn files(&self) -> Result<Vec<Migration>> {
        let mut texts: Vec<(Cow<'_, str>, Cow<'_, str>)> = match &self.0 {
            Files::Embedded(files) => {
                files.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect()
            }
            Files::Read(files) => {
                files.iter().map(|(name, text)| (name.into(), text.into())).collect()
            }
        };
        texts.sort();
        if let Some([(name, _), _]) = texts.windows(2).find(|pair| match pair {
            [(one, _), (other, _)] => one == other,
            _ => false,
        }) {
            return Err(Error::invalid_request(format!("two migrations are named `{name}`")));
        }
        texts.iter().map(|(name, text)| Migration::parse(name, text)).collect()
    }
}

/// Whether each file names the one before it, with its text as it is.
pub(super) fn chain(files: &[Migration]) -> Result<()> {
    let befores = [None].into_iter().chain(files.iter().map(Some));
    for (before, file) in befores.zip(files) {
        let told = |name: Option<&str>| match name {
            Some(name) => format!("`{name}`"),
            None => "nothing".to_owned(),
        };
        let name = &file.name;
        let written = file.after.as_ref().map(|after| after.name.as_str());
        let is = before.map(|before| before.name.as_str());
        if written != is {
            return Err(Error::invalid_request(format!(
                "`{name}.sql` is written to come after {}, and comes after {}: two branches have added \
                 a migration each, or a file is gone; generate the later one again, or say `accept \
                 {name}` if both are right as they are",
                told(written),
                told(is),
            )));
        }
        if let (Some(before), Some(after)) = (before, &file.after)
            && before.checksum != after.checksum
        {
            return Err(Error::invalid_request(format!(
                "`{0}.sql` has changed since `{name}.sql` was written after it; undo the change, or say \
                 `accept {0}`",
                before.name,
            )));
        }
    }
    Ok(())
}
