//! Faults, tried for real: servers that stop and crash, backends that are killed, connections that
//! break at the worst moment, processes that die.
//!
//! Each test has a deadline of its own, so that a hang is a failure with a sentence, and prints what
//! it counted; `scripts/faults` sums it up.

#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// A test is one future, which is made once.
#![allow(clippy::large_futures)]

mod behaviours;
mod fake_server;
mod pooler;
mod proxy;
mod server;
mod tally;
mod writers;

mod alone;
mod changed;
mod committed;
mod contended;
mod downgraded;
#[cfg(feature = "deadpool-postgres")]
mod given;
mod hostile;
mod killed;
mod pooled;
mod promoted;
mod replicas;
mod restarted;
mod servers;
mod silent;
mod sqlite;
