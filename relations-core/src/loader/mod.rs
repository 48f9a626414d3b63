//! The loader: rows of several statements become trees of entities.

pub(crate) mod attach;
pub(crate) mod key_index;
pub(crate) mod loaded;
pub(crate) mod rounds;
pub(crate) mod slot;
pub(crate) mod target_loader;
