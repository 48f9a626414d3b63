//! The time at which the database checks a key.

/// When the database checks a foreign key or a unique key.
///
/// ```
/// # use relations::prelude::*;
/// use relations::definition::Deferrable;
///
/// #[derive(Entity)]
/// struct Team {
///     #[id]
///     id: i64,
///     #[belongs_to(Player, initially_deferred)]
///     captain_id: i64,
/// }
/// # #[derive(Entity)]
/// # struct Player { #[id] id: i64 }
///
/// let captain = Team::DEFINITION.relation("captain").unwrap().foreign_key.unwrap();
/// assert_eq!(captain.deferrable, Deferrable::InitiallyDeferred);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Deferrable {
    /// With each statement; the default.
    #[default]
    No,
    /// With each statement, unless the transaction says `SET CONSTRAINTS … DEFERRED`.
    InitiallyImmediate,
    /// At the end of the transaction, unless it says `SET CONSTRAINTS … IMMEDIATE`.
    InitiallyDeferred,
}

impl Deferrable {
    /// Whether it is checked with each statement, whatever a transaction says.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    pub(crate) const fn is_no(&self) -> bool {
        matches!(self, Self::No)
    }

    /// Whether it is checked at the end of the transaction unless that says otherwise.
    pub(crate) fn is_deferred(self) -> bool {
        self == Self::InitiallyDeferred
    }

    /// The words of SQL behind a constraint, with a blank in front; nothing by default.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::No => "",
            Self::InitiallyImmediate => " DEFERRABLE",
            Self::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
        }
    }

    /// All words of SQL, for a sentence and behind `ALTER CONSTRAINT`.
    pub(crate) fn told(self) -> &'static str {
        match self {
            Self::No => "NOT DEFERRABLE",
            Self::InitiallyImmediate => "DEFERRABLE INITIALLY IMMEDIATE",
            Self::InitiallyDeferred => "DEFERRABLE INITIALLY DEFERRED",
        }
    }

    /// From the two facts that catalogs know.
    pub(crate) fn of(deferrable: bool, deferred: bool) -> Self {
        match (deferrable, deferred) {
            (false, _) => Self::No,
            (true, false) => Self::InitiallyImmediate,
            (true, true) => Self::InitiallyDeferred,
        }
    }
}
