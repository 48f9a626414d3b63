//! Every interleaving of a few threads that share a connection driven by its callers.
//!
//! `scripts/loom` runs the models. They compile the file of the library itself, with loom's primitives
//! in place of those of `driver/postgres/sync.rs`.

/// The modules that the file names.
#[allow(dead_code, reason = "a part of what the library has")]
mod driver {
    pub(crate) mod postgres {
        #[path = "../../../../relations-core/src/driver/postgres/caller_driven.rs"]
        pub(crate) mod caller_driven;
        pub(crate) mod sync;
    }
    pub(crate) mod spawn;
}

#[cfg(test)]
mod connection;
#[cfg(test)]
mod models;
