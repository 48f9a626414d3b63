//! Row locks.

/// How the rows of a query are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Lock {
    pub(crate) strength: Option<Strength>,
    pub(crate) busy: Busy,
}

/// Who else is kept from a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    /// Whoever would change or lock it.
    Update,
    /// Whoever would change it.
    Share,
}

/// What becomes of a row that another has locked.
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
