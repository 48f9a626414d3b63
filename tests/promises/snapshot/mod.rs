//! One include sees one snapshot, whatever the strategy and whoever writes meanwhile.

mod held;
mod paused;
mod stress;
mod transactions;
mod world;
