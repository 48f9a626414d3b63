//! Steps of a migration: statements that are run, and recorded, together.

/// Statements of a migration that are run, and recorded, together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Step {
    /// The comments in front of it, a line each.
    pub comments: Vec<String>,
    /// The manner in which it is run.
    pub mode: Mode,
    /// A query that returns `true` if there is nothing left to do.
    pub unless: Option<String>,
    /// Rows that must not exist: a sentence without their number, and the query that counts them.
    pub refuse: Vec<(String, String)>,
    /// An SQLite table that is created again.
    pub rebuild: Option<Rebuild>,
    /// The statements.
    pub statements: Vec<String>,
}

/// An SQLite table that is created again. Triggers and indexes that are not known here are created
/// again afterwards; an unknown column stops it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Rebuild {
    /// The table.
    pub table: String,
    /// The columns that it may have.
    pub columns: Vec<String>,
    /// The indexes that are known.
    pub indexes: Vec<String>,
}

/// The manner in which a step is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Mode {
    /// All statements in one transaction, with the record that the step is done.
    #[default]
    Transaction,
    /// Each statement by itself, outside of a transaction.
    Alone,
}

impl Step {
    pub(super) fn new(comment: impl Into<String>, statements: Vec<String>) -> Self {
        Self { comments: vec![comment.into()], statements, ..Self::default() }
    }

    pub(super) fn alone(mut self) -> Self {
        self.mode = Mode::Alone;
        self
    }

    pub(super) fn unless(mut self, query: impl Into<String>) -> Self {
        self.unless = Some(query.into());
        self
    }

    pub(super) fn remark(mut self, comment: impl Into<String>) -> Self {
        self.comments.push(comment.into());
        self
    }
}
