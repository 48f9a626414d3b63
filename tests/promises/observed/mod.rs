//! Observers see each row of their entity that is written, or the write is refused.

mod executors;
mod links;
mod refused;
mod undone;
mod upserts;
mod world;
mod writes;
