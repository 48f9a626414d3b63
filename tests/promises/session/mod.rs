//! Raw SQL leaves no state behind for the next borrower of a connection.
