//! Entities whose rows are only read.

use proc_macro2::Ident;

use crate::attr::EntityOptions;

/// The rows that are only read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ReadOnlyKind {
    View,
    MaterializedView,
    Table,
}

/// The word that says that rows are only read.
pub(crate) struct ReadOnly {
    pub(crate) word: Ident,
    pub(crate) kind: ReadOnlyKind,
}

impl ReadOnly {
    /// All that is said of it; more than one is a mistake.
    pub(crate) fn all(options: &EntityOptions) -> Vec<Self> {
        let words = [
            (&options.view, ReadOnlyKind::View),
            (&options.materialized_view, ReadOnlyKind::MaterializedView),
            (&options.read_only, ReadOnlyKind::Table),
        ];
        let given = words.into_iter().filter_map(|(flag, kind)| Some((flag.as_ref()?, kind)));
        given.map(|(flag, kind)| Self { word: flag.0.clone(), kind }).collect()
    }

    /// Whether it is a view, materialized or not.
    pub(crate) fn is_view(&self) -> bool {
        self.kind != ReadOnlyKind::Table
    }
}
