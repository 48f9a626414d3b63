//! The command line and what it writes: modules that compile, and whose own check is empty.

#![allow(missing_docs, unreachable_pub, dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// The columns of other people's tables.
#![allow(clippy::struct_field_names, clippy::duplicated_attributes)]

#[macro_use]
#[path = "../../../tests/db/support.rs"]
#[allow(unused_macros)]
mod support;

mod attributes;
mod command;
mod constraints;
mod cost;
mod drawn;
mod migrations;
mod pull;
mod pulled {
    pub mod films;
    pub mod northwind;
    pub mod pagila;
    pub mod shelf;
}
