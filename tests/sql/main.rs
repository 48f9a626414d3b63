//! Whole statements as text, on both engines, without a database.

#![allow(missing_docs, unreachable_pub, dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod define;
mod query;
mod relation;
mod support;
mod write;
