//! The two engines give the same answers: each by itself, and any query against a plain search through
//! all rows.
//!
//! Small worlds of rows and queries of the public API are made of seeds. A search with SQL's logic of
//! three values says what has to come; a difference is told with the seed that repeats it.

mod ask;
mod numbers;
mod oracle;
mod run;
mod shapes;
mod world;
mod writes;
