//! Keys are equal when the database says so, whatever Rust says, in every way from a source to its
//! targets.

#[macro_use]
mod world;
mod composite;
mod has_one;
mod kinds;
mod lookups;
mod random;
