//! Raw SQL leaves no state behind for the next borrower of a connection, and a client's cursor tells
//! nothing of rows that it was not shown.

mod cursors;
mod left_behind;
