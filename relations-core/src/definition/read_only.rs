//! Entities whose rows are only read.

/// The kind of an entity whose rows are only read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
#[doc(alias = "read-only")]
#[doc(alias = "database view")]
#[doc(alias = "materialized view")]
pub enum ReadOnly {
    /// A table, `#[entity(read_only)]`.
    Table,
    /// A view, `#[entity(view)]`.
    View,
    /// A materialized view, `#[entity(materialized_view)]`.
    MaterializedView,
}

impl ReadOnly {
    /// The word for it in a sentence.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::View => "view",
            Self::MaterializedView => "materialized view",
        }
    }

    /// The word for it in `#[entity(…)]`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Table => "read_only",
            Self::View => "view",
            Self::MaterializedView => "materialized_view",
        }
    }
}
