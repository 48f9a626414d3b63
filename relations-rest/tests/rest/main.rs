//! The REST API, on both engines from one source; requests go to the router without a socket.

#![allow(missing_docs, unreachable_pub, dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::too_many_lines, clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
#![allow(clippy::format_push_string, clippy::wildcard_imports)]
// Two relations have one target.
#![allow(clippy::duplicated_attributes)]
// Entities are served as users write it: `|it| it.all()`.
#![allow(clippy::redundant_closure_for_method_calls)]

#[macro_use]
mod support;
mod by_hand;
#[cfg(feature = "signed-cursors")]
mod cursors;
mod explorer;
mod filters;
mod hostile;
mod key_array;
mod kinds;
mod lists;
mod northwind;
mod one_of;
mod openapi;
mod partial;
mod problems;
mod read_only;
mod related;
mod related_with_filter;
mod scopes;
mod serde_names;
mod shop;
mod soft_delete;
mod tenants;
mod writes;
