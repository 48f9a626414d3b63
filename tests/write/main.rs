//! Writing, transactions and raw SQL, on both engines from one source.

#![allow(missing_docs, unreachable_pub, dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::items_after_statements)]
// A part of a subject uses the entities of the whole.
#![allow(clippy::wildcard_imports)]
// A list of one is compared with a list.
#![allow(clippy::cloned_ref_to_slice_refs)]

#[macro_use]
#[path = "../db/support.rs"]
mod support;
#[path = "../db/cast.rs"]
mod cast;

mod change;
mod delete;
mod edit;
mod hostile;
mod import;
mod insert;
mod links;
mod lock;
mod nested;
mod options;
mod patch;
mod raw;
mod raw_built;
mod related;
mod round_trip;
mod transaction;
mod update_many;
mod upsert;
mod upsert_many;
mod within;
mod words;
