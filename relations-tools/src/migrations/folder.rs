//! Files of migrations on disk.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use relations::shape::Shape;
use relations::shape::migration::{Migration, Migrations, Predecessor, Step, render};
use relations::{Engine, Schema};
use serde::{Deserialize, Serialize};

use super::clock::Minute;
use super::names::plain;
use crate::command::{Failure, write_new};

/// The shape of the entities when the last file was generated.
#[derive(Serialize, Deserialize)]
pub(crate) struct Snapshot {
    /// The entities, by the names of their tables.
    entities: BTreeMap<String, String>,
    pub(crate) shape: Shape,
}

impl Snapshot {
    pub(crate) fn of(schema: &Schema, engine: Engine) -> Result<Self, Failure> {
        let shape = schema.shape(engine).map_err(|error| error.to_string())?;
        let table = |entity: &relations::definition::EntityDefinition| match entity.schema {
            Some(schema) => format!("{schema}.{}", entity.table),
            None => entity.table.to_owned(),
        };
        let entities = schema.entities().map(|entity| (table(entity), entity.name.to_owned()));
        Ok(Self { entities: entities.collect(), shape })
    }

    /// Nothing, which is before the first file.
    pub(crate) fn empty(engine: Engine) -> Result<Self, Failure> {
        Self::of(&Schema::new([]), engine)
    }

    /// The table of an entity that had this name; other names stay as they are.
    pub(crate) fn table_of(&self, name: &str) -> String {
        let found = self.entities.iter().find(|(_, entity)| *entity == name);
        found.map_or_else(|| name.to_owned(), |(table, _)| table.clone())
    }
}

/// A folder of migrations.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    /// The names, without `.sql`, and the texts of the files; none where there is no folder.
    pub(crate) fn texts(&self) -> Result<Vec<(String, String)>, Failure> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(&self.0, &error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| unreadable(&self.0, &error))?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if let Some(name) = name.and_then(|name| name.strip_suffix(".sql")) {
                let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
                files.push((name.to_owned(), text));
            }
        }
        files.sort();
        Ok(files)
    }

    pub(crate) fn migrations(&self) -> Result<Migrations, Failure> {
        Ok(Migrations::read(self.texts()?))
    }

    pub(crate) fn files(&self) -> Result<Vec<Migration>, Failure> {
        self.migrations()?.files().map_err(|error| error.to_string())
    }

    /// The snapshot; `None` before the first file.
    pub(crate) fn snapshot(&self) -> Result<Option<Snapshot>, Failure> {
        let path = self.path("schema.json");
        match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).map(Some).map_err(|error| {
                format!(
                    "`{}` is not a snapshot: {error}; take the one of version control, or generate with \
                     `--from URL`",
                    path.display(),
                )
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    pub(crate) fn write_snapshot(&self, snapshot: &Snapshot) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(snapshot).map_err(|error| error.to_string())?;
        self.write("schema.json", &(text + "\n"))
    }

    /// The name and the text of the next file.
    pub(crate) fn next(
        &self,
        engine: Engine,
        name: &str,
        steps: &[Step],
    ) -> Result<(String, String), Failure> {
        let files = self.files()?;
        let last = files.last();
        let mut minute = Minute::now();
        // Files of one minute would be in the order of their names.
        let is_behind = |minute: Minute| {
            last.is_none_or(|last| {
                last.name.get(..13).is_none_or(|before| before < &*minute.told())
            })
        };
        for _ in 0..60 * 24 * 366 {
            if is_behind(minute) {
                break;
            }
            minute = minute.next();
        }
        let before = last.map(predecessor);
        Ok((format!("{}_{}", minute.told(), plain(name)), render(engine, before.as_ref(), steps)))
    }

    /// Writes a new file, and the module with it.
    pub(crate) fn add(&self, name: &str, text: &str) -> Result<PathBuf, Failure> {
        fs::create_dir_all(&self.0).map_err(|error| unwritten(&self.0, &error))?;
        let path = self.path(&format!("{name}.sql"));
        write_new(&path, text)?;
        self.write_module()?;
        Ok(path)
    }

    /// Writes the way back of a file, which only people run.
    pub(crate) fn write_back(
        &self,
        engine: Engine,
        name: &str,
        steps: &[Step],
    ) -> Result<(), Failure> {
        let folder = self.path("back");
        fs::create_dir_all(&folder).map_err(|error| unwritten(&folder, &error))?;
        let text = render(engine, None, steps);
        let (_, steps) = text.split_once("\n\n").unwrap_or(("", &text));
        let text = format!("-- The way back of `{name}.sql`, to be run by hand.\n\n{steps}");
        write_new(&folder.join(format!("{name}.sql")), &text)
    }

    /// Writes the module that embeds the files.
    pub(crate) fn write_module(&self) -> Result<(), Failure> {
        let mut text = "//! The migrations of this program. `generate` writes this file.\n\n\
             use relations::shape::migration::Migrations;\n\n\
             /// The migrations, in the order in which they are applied.\n\
             pub const MIGRATIONS: Migrations = Migrations::new(&[\n"
            .to_owned();
        for (name, _) in self.texts()? {
            let _ = writeln!(text, "    ({name:?}, include_str!({:?})),", format!("{name}.sql"));
        }
        text.push_str("]);\n");
        self.write("mod.rs", &text)
    }

    /// Writes the header of each file again, which names the one before it; a dry run tells the files
    /// whose header is another one, and writes none.
    pub(crate) fn link(&self, is_dry: bool) -> Result<Vec<String>, Failure> {
        let mut changed = Vec::new();
        let mut before: Option<Predecessor> = None;
        for (name, text) in self.texts()? {
            let after = match &before {
                Some(before) => format!("{} sha256:{}", before.name, before.checksum),
                None => "nothing".to_owned(),
            };
            let lines = text.lines().map(|line| match line.strip_prefix("-- after:") {
                Some(_) => format!("-- after: {after}"),
                None => line.to_owned(),
            });
            // The first such line alone is the header.
            let mut is_first = true;
            let lines: Vec<_> = (text.lines().zip(lines))
                .map(|(old, new)| {
                    let is_header = old.starts_with("-- after:") && is_first;
                    is_first &= !is_header;
                    if is_header { new } else { old.to_owned() }
                })
                .collect();
            let written = lines.join("\n") + "\n";
            let file = Migration::parse(&name, &written).map_err(|error| error.to_string())?;
            let old = Migration::parse(&name, &text).map_err(|error| error.to_string())?;
            if old.after != file.after {
                if !is_dry {
                    self.write(&format!("{name}.sql"), &written)?;
                }
                changed.push(name);
            }
            before = Some(predecessor(&file));
        }
        Ok(changed)
    }

    fn write(&self, file: &str, text: &str) -> Result<(), Failure> {
        let path = self.path(file);
        fs::write(&path, text).map_err(|error| unwritten(&path, &error))
    }
}

fn predecessor(file: &Migration) -> Predecessor {
    Predecessor::new(&file.name, &file.checksum)
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    format!("`{}` cannot be read: {error}", path.display())
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    format!("`{}` cannot be written: {error}", path.display())
}
