//! Migrations: the changes from one shape to another, and the steps that make them.

mod change;
mod consent;
mod diff;
mod file;
mod generated;
mod live;
mod names;
mod plan;
mod rename;
mod runner;
mod step;
mod types;

pub use change::{Aspect, Change, Part};
pub use consent::{Consents, Missing, Refusal};
pub use diff::diff;
pub use file::{Migration, Predecessor, WrittenStep, checksum, normalized, render};
pub use live::compared;
pub use names::TableName;
pub use plan::{Plan, plan};
pub use runner::{Applied, ApplyOptions, FileStatus, Migrations, Progress, State, Status};
pub use step::{Mode, Rebuild, Step};
