//! The promises of the README, held on a living database: other sessions write, keys have the
//! database's own equality, and tables were made elsewhere.

#![allow(missing_docs, unreachable_pub, dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::too_many_lines
)]

#[macro_use]
#[path = "../db/support.rs"]
mod support;
#[path = "../db/cast.rs"]
mod cast;

mod acknowledged;
mod differential;
mod foreign_tables;
mod key_equality;
mod round_trip;
mod session;
mod snapshot;
