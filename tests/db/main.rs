//! Behaviour, on both engines from one source.

#![allow(missing_docs, unreachable_pub, dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::items_after_statements,
    clippy::too_many_lines
)]
// A part of a subject uses the entities of the whole.
#![allow(clippy::wildcard_imports)]
// A list of one is compared with a list.
#![allow(clippy::cloned_ref_to_slice_refs)]

#[macro_use]
mod support;
mod asking;
mod batched;
mod cast;
mod client;
mod column_types;
mod constraints;
mod crowded;
mod engines;
mod expressions;
mod includes;
mod loading;
mod named_columns;
mod northwind;
mod of_id;
mod pages;
mod partial;
mod queries;
mod query_stats;
mod read_only;
mod relations;
mod schema;
mod through;
mod trees;
mod values;
mod waiting;
