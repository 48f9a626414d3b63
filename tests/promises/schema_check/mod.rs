//! A check finds what a database does not hold of its entities, and nothing else.

mod changes;
mod shop;
mod spelling;
