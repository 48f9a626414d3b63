//! Behaviour, on both engines from one source.

#![allow(missing_docs, unreachable_pub, dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::float_cmp, clippy::cast_possible_truncation, clippy::too_many_lines)]

#[macro_use]
mod support;
mod cast;
mod constraints;
mod engines;
mod loading;
mod northwind;
mod of_id;
mod queries;
mod relations;
mod schema;
mod values;
