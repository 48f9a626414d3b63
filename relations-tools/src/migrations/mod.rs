//! The folder of migrations: files of SQL, the module that embeds them, and the snapshot of the entities.

mod clock;
mod folder;
mod names;

pub(crate) use folder::{Folder, Snapshot};
pub(crate) use names::name_of;
