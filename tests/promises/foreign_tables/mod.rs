//! Tables, files and constraints that were made elsewhere.

mod constraints;
mod generated_columns;
mod hidden_rows;
mod secrets;
mod set_null;
mod values;
