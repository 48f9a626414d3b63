//! Side effects of the statements that a plan sends.

/// Side effects of statements that read rows.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// Nothing that this crate knows of.
    Only,
    /// They hold SQL of the user's own, which may call a function that writes.
    Unknown,
    /// They lock rows, which a transaction cannot do that only reads; each statement is by itself.
    Locking,
}
