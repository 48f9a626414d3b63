//! The promises of the README, held on a living database: other sessions write, keys have the
//! database's own equality, and tables were made elsewhere.

#![allow(missing_docs, unreachable_pub, dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::duplicated_attributes,
    clippy::format_push_string,
    clippy::items_after_statements,
    clippy::match_wildcard_for_single_variants,
    clippy::redundant_closure_for_method_calls,
    clippy::struct_field_names,
    clippy::too_many_lines
)]
// A list of one is compared with a list.
#![allow(clippy::cloned_ref_to_slice_refs)]

#[macro_use]
#[path = "../db/support.rs"]
mod support;
#[path = "../db/cast.rs"]
mod cast;

mod acknowledged;
mod cluster;
mod deferred;
mod differential;
mod foreign_tables;
mod in_schema;
mod key_equality;
mod notifications;
mod observed;
mod one_connection;
mod round_trip;
mod schema_check;
mod session;
mod snapshot;
mod soft_delete;
mod tenants;
mod without_runtime;
