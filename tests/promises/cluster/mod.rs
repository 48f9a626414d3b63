//! Entities that are distributed over the servers of a cluster, on a server that only records how it would
//! distribute them, on plain PostgreSQL and on SQLite.

mod changes;
mod created;
mod lists;
#[cfg(feature = "migrations")]
mod migrated;
mod places;
mod rows;
mod world;
