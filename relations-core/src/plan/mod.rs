//! Plans: the statement that brings each included relation, and its columns in the rows.

pub(crate) mod layout;
pub(crate) mod reads;
pub(crate) mod row_bound;
pub(crate) mod source;
pub(crate) mod strategy;
pub(crate) mod tree;
