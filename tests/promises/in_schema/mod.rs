//! Executors whose tables are in a schema that is chosen at run time: none sees the rows of another one.

mod mistakes;
mod queries;
mod world;
