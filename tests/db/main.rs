//! Behaviour, on both engines from one source.

#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[macro_use]
mod support;
mod cast;
mod northwind;
mod relations;
