//! The loader: rows of several statements become trees of entities.

pub(crate) mod attach;
pub(crate) mod branch;
pub(crate) mod count_loader;
#[cfg(feature = "serde")]
pub(crate) mod erased;
pub(crate) mod key_index;
pub(crate) mod kinds;
pub(crate) mod loaded;
pub(crate) mod maybe;
#[cfg(feature = "serde")]
pub(crate) mod named;
pub(crate) mod partial;
pub(crate) mod promise;
pub(crate) mod rounds;
pub(crate) mod row_keys;
pub(crate) mod shape;
pub(crate) mod slot;
pub(crate) mod target_loader;
pub(crate) mod total;
