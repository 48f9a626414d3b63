//! The meaning of `deferrable` and `initially_deferred`.

use proc_macro2::Ident;

use crate::attr::Flag;

/// A key that a transaction may break until its end.
#[derive(Clone)]
pub(crate) struct Deferrable {
    /// Whether it is checked at the end unless the transaction says otherwise.
    pub(crate) initially_deferred: bool,
    /// The word to underline.
    pub(crate) word: Ident,
}

impl Deferrable {
    /// `None` of a key that is checked with each statement.
    pub(super) fn of(deferrable: Option<&Flag>, initially_deferred: Option<&Flag>) -> Option<Self> {
        let word = initially_deferred.or(deferrable)?.0.clone();
        Some(Self { initially_deferred: initially_deferred.is_some(), word })
    }
}
