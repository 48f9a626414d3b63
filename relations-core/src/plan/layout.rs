//! The columns and the rows of a statement.

use crate::definition::relation::RelationDefinition;

/// The columns of a statement's rows, as far as they are taken, and the number of rows of a source.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    width: usize,
    /// Whether a relation to many may be joined, so that a source comes in a row for each target.
    may_repeat: bool,
    /// Whether one is joined.
    repeats: bool,
    /// Whether a relation to many is only joined where the query names that strategy.
    by_name: bool,
}

/// The number of rows in which a source of a query may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RowsOfSource {
    One,
    /// One for each target of a joined relation to many; by the rule as well, or only where the query
    /// names the strategy.
    Any {
        by_name: bool,
    },
}

impl Layout {
    /// A layout of rows that begin with so many other columns.
    pub(crate) fn behind(columns: usize, rows: RowsOfSource) -> Self {
        let (may_repeat, by_name) = match rows {
            RowsOfSource::One => (false, false),
            RowsOfSource::Any { by_name } => (true, by_name),
        };
        Self { width: columns, may_repeat, repeats: false, by_name }
    }

    pub(crate) fn take(&mut self, columns: usize) -> usize {
        let from = self.width;
        self.width += columns;
        from
    }

    /// Whether a relation to many can be joined. There is one of them in a statement, since two would
    /// bring each target of one with each of the other.
    pub(crate) fn joins_many(&self, is_named: bool) -> bool {
        self.may_repeat && (is_named || !self.by_name)
    }

    /// Whether a source comes in a row for each target of a joined relation to many.
    pub(crate) fn repeats_sources(&self) -> bool {
        self.repeats
    }

    /// A relation is joined.
    pub(crate) fn join(&mut self, relation: &RelationDefinition) {
        if relation.targets_many() {
            self.repeats = true;
        }
        // A second target of a relation to one is an error, and is told by a source that comes twice.
        if relation.targets_many() || relation.may_lead_to_several() {
            self.may_repeat = false;
        }
    }

    /// Targets are counted in each row, which would be done once for each row of a source.
    pub(crate) fn count(&mut self) {
        self.by_name = true;
    }

    /// The statement is repeated for the keys of its rows.
    pub(crate) fn repeat(&mut self) {
        self.may_repeat = false;
    }
}
