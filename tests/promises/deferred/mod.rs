//! Keys that a transaction may break until its end: what it sees meanwhile, and what the commit says.

mod foreign_keys;
mod unique_keys;
