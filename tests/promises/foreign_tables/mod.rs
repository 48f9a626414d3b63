//! Tables, files and constraints that were made elsewhere.

mod values;
