//! Row locks.

/// The lock on the rows of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Lock {
    pub(crate) strength: Option<Strength>,
    pub(crate) busy: Busy,
}

/// The strength of a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    /// No other transaction changes or locks the row.
    Update,
    /// No other transaction changes the row.
    Share,
}

/// The treatment of rows that another transaction has locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Busy {
    /// It is waited for.
    #[default]
    Wait,
    /// It is left out.
    Skip,
    /// The statement fails.
    Fail,
}

impl Lock {
    /// Whether nothing was said of locks.
    pub(crate) fn is_none(self) -> bool {
        self == Self::default()
    }
}
