//! Random queries on random small worlds, on both engines, against an oracle.
