//! The columns of a statement's rows.

/// The columns of a statement's rows, as far as they are taken.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    width: usize,
}

impl Layout {
    /// A layout of rows that begin with so many other columns.
    pub(crate) fn behind(columns: usize) -> Self {
        Self { width: columns }
    }

    pub(crate) fn take(&mut self, columns: usize) -> usize {
        let from = self.width;
        self.width += columns;
        from
    }
}
