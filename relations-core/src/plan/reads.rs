//! Side effects of the statements that a plan sends.

use crate::ast::select::Select;
use crate::plan::tree::{OwnOrKept, RowPlan};

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

impl RowPlan {
    /// Whether what is included is unknown in part, as SQL of the user's own is.
    pub(crate) fn is_unknown(&self) -> bool {
        let mut planned = self.slots.iter().flatten();
        planned.any(|one| one.select.is_unknown() || one.target.is_unknown())
    }
}

impl OwnOrKept {
    /// The effect of the statements of a query with this plan.
    pub(crate) fn reads(&self, select: &Select) -> Reads {
        match self {
            _ if select.lock.strength.is_some() => Reads::Locking,
            Self::Own(plan) if select.is_unknown() || plan.is_unknown() => Reads::Unknown,
            // Only what is known is kept.
            Self::Own(_) | Self::Kept(_) => Reads::Only,
        }
    }
}
