//! The command line of `relations`: schema drift, migrations, entities from a database, and diagrams.
//!
//! The binary `relations` does what needs no entities. A program of your own does the rest as well:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use relations::prelude::*;
//!
//! # #[derive(Entity)]
//! # struct Customer { #[id] id: i64 }
//! fn main() -> ExitCode {
//!     relations_tools::main(schema![Customer])
//! }
//! ```
//!
//! ```text
//! $ schema generate --engine postgres
//! $ schema apply --url postgres://localhost/shop
//! $ schema check --url postgres://localhost/shop
//! $ schema diagram --format svg --output shop.svg
//! $ relations pull --url postgres://localhost/shop --output src/entities.rs
//! ```

mod command;
mod diagram;
mod migrations;
mod pull;

use std::ffi::OsString;
use std::process::ExitCode;

use relations::Schema;

pub use self::diagram::{Extent, mermaid, svg};
pub use self::pull::{Dates, pull};

/// The command line for a program with entities: `check`, `generate`, `apply`, `status`, `baseline`,
/// `accept`, `pull` and `diagram`, by its arguments.
///
/// The exit code is 0 where there is nothing to tell, 1 where a check has found drift, consent is missing
/// or migrations are not applied, and 2 where something could not be done.
#[must_use]
#[allow(clippy::needless_pass_by_value, reason = "a schema is made for the call")]
pub fn main(schema: Schema) -> ExitCode {
    command::main(Some(&schema), std::env::args_os())
}

/// [`main`] with arguments of the caller's, of which the first is the name of the program.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Customer { #[id] id: i64 }
/// let code = relations_tools::run(schema![Customer], ["schema", "status", "--url", "sqlite:shop.db"]);
/// # let _ = code;
/// ```
#[must_use]
#[allow(clippy::needless_pass_by_value, reason = "a schema is made for the call")]
pub fn run<A>(schema: Schema, arguments: impl IntoIterator<Item = A>) -> ExitCode
where
    A: Into<OsString>,
{
    command::main(Some(&schema), arguments.into_iter().map(Into::into))
}

/// The command line without entities, which the binary `relations` is.
#[doc(hidden)]
#[must_use]
pub fn main_without_entities() -> ExitCode {
    command::main(None, std::env::args_os())
}
