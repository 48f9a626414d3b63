//! Tables, files and constraints that were made elsewhere.

mod constraints;
mod hidden_rows;
mod secrets;
mod values;
