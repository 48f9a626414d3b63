//! The two engines give the same answers.

mod writes;
