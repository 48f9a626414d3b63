//! One include sees one snapshot, with every strategy and every concurrent writer.

mod held;
mod paused;
mod stress;
mod transactions;
mod world;
