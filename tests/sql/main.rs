//! Whole statements as text on both engines, and what is known of entities, without a database.

#![allow(missing_docs, unreachable_pub, dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod asking;
mod batched;
mod bound;
mod bounds;
mod define;
mod distribution;
mod filtered;
mod grouped;
mod include;
mod key_array;
mod kinds;
mod lock;
mod metadata;
mod migration;
mod page;
mod query;
mod relation;
mod shard_keys;
mod soft_delete;
mod support;
mod through;
mod tree;
mod write;
