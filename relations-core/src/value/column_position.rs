//! The positions of columns that a row is asked for by name.

use crate::value::mismatch::Mismatch;
use crate::value::row::{Cell, Row};

/// The position of a column by its name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ColumnPosition {
    At(usize),
    Nowhere,
    /// Several have the name.
    Doubtful,
}

impl ColumnPosition {
    pub(crate) fn of(name: &str, row: &Row<'_>) -> Self {
        let name = row.called(name);
        let mut places = (0..row.len()).filter(|at| row.name(*at) == Some(name));
        match (places.next(), places.next()) {
            (Some(at), None) => Self::At(at),
            (None, _) => Self::Nowhere,
            (Some(_), Some(_)) => Self::Doubtful,
        }
    }

    /// The field of a row at this place.
    pub(crate) fn cell<'row>(self, row: &Row<'row>) -> Result<Cell<'row>, Mismatch> {
        match self {
            Self::At(at) => row.cell(at),
            Self::Nowhere => Err(Mismatch::Absent),
            Self::Doubtful => Err(Mismatch::Ambiguous),
        }
    }
}
