//! Entities one at a time: insert, update and delete by id.

mod create;
mod delete;
mod update;

pub use create::NewEntity;
pub(crate) use delete::delete;
pub(crate) use update::update;
