//! The kinds of statements.

/// The operation of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Reads rows.
    Select,
    /// Makes new rows.
    Insert,
    /// Changes rows.
    Update,
    /// Removes rows.
    Delete,
    /// Makes or removes tables, keys and indexes.
    Define,
    /// Any operation, by SQL of the user's own.
    Raw,
    /// Begins a transaction.
    Begin,
    /// Makes a transaction hold.
    Commit,
    /// Takes a transaction back, or goes back to a savepoint of it.
    Rollback,
    /// Makes a savepoint in a transaction.
    Savepoint,
    /// Forgets a savepoint, and keeps what was done since.
    Release,
}

impl Operation {
    /// The operation's name in SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Define => "DDL",
            Self::Raw => "SQL",
            Self::Begin => "BEGIN",
            Self::Commit => "COMMIT",
            Self::Rollback => "ROLLBACK",
            Self::Savepoint => "SAVEPOINT",
            Self::Release => "RELEASE",
        }
    }
}
