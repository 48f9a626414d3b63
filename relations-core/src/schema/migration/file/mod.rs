//! Files of migrations: SQL with steps, and a header that names the file before.

mod parse;
mod render;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

pub use render::render;

use super::step::Step;
use crate::dialect::Engine;

/// A file of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Migration {
    /// Its name without `.sql`, as `20261129T1410_orders_note`. Files are applied in the order of their
    /// names.
    pub name: String,
    /// The engine that it is written for.
    pub engine: Engine,
    /// The file before it; `None` of the first one.
    pub after: Option<Predecessor>,
    /// The steps.
    pub steps: Vec<WrittenStep>,
    /// The SHA-256 of its text, without what [`normalized`] leaves out.
    pub checksum: String,
}

/// The file before another one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Predecessor {
    /// Its name.
    pub name: String,
    /// Its SHA-256.
    pub checksum: String,
}

impl Predecessor {
    /// A file by its name, and its SHA-256.
    #[must_use]
    pub fn new(name: impl Into<String>, checksum: impl Into<String>) -> Self {
        Self { name: name.into(), checksum: checksum.into() }
    }
}

/// A step as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrittenStep {
    /// The step.
    pub step: Step,
    /// Its text, without what [`normalized`] leaves out.
    pub text: String,
    /// The line on which it begins, from 1 on.
    pub line: usize,
}

/// A text without `\r`, blanks at the ends of lines and empty lines at its end, so that no editor and no
/// version control changes its checksum.
#[must_use]
pub fn normalized(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned() + "\n"
}

/// The SHA-256 of a text, without what [`normalized`] leaves out: `sha256sum` tells the same of a file
/// that has nothing of it.
#[must_use]
pub fn checksum(text: &str) -> String {
    let mut told = String::new();
    for byte in Sha256::digest(normalized(text).as_bytes()) {
        let _ = write!(told, "{byte:02x}");
    }
    told
}

/// The first line in which a text differs from another, its number from 0 on, and both lines.
pub(super) fn first_difference(was: &str, is: &str) -> Option<(usize, String, String)> {
    let (mut was, mut is) = (was.lines(), is.lines());
    let mut number = 0;
    loop {
        match (was.next(), is.next()) {
            (None, None) => return None,
            (was, is) if was == is => number += 1,
            (was, is) => {
                let line = |line: Option<&str>| line.unwrap_or_default().to_owned();
                return Some((number, line(was), line(is)));
            }
        }
    }
}
