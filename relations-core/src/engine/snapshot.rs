//! Trees of statements, and the one snapshot that each of them sees.

use super::Statement;
use crate::error::Result;
use crate::row::Row;

/// Statements that are sent in waves, the next when all before are answered.
#[doc(hidden)]
pub trait Waves: Send {
    /// Puts the statements of the next wave in place of those of the last; none when all is done.
    fn next(&mut self, statements: &mut Vec<Statement>) -> Result<()>;

    /// Takes a row of the statement of that number.
    fn row(&mut self, number: usize, row: &Row<'_>) -> Result<()>;

    /// Whether no wave follows the one that was made last, whatever its rows.
    fn is_last(&mut self) -> bool;

    /// Forgets all rows, so that the next wave is the first one.
    fn restart(&mut self) -> Result<()>;

    /// What the statements do beside reading rows.
    fn reads(&self) -> Reads;
}

/// What statements that read rows do beside.
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

impl Reads {
    /// The statement that begins the transaction in which PostgreSQL shows one snapshot to all of them;
    /// none where they are to see the rows as they are when each of them is locked.
    #[cfg(feature = "postgres")]
    pub(super) fn begin(self) -> Option<&'static str> {
        match self {
            Self::Only => Some("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
            Self::Unknown => Some("BEGIN ISOLATION LEVEL REPEATABLE READ"),
            Self::Locking => None,
        }
    }
}

/// Waves whose statements are shown to a function before they are sent, each once.
pub(super) struct Shown<'a, F> {
    pub(super) waves: &'a mut dyn Waves,
    pub(super) show: F,
    /// How many waves were shown, and how many were made since the last start.
    pub(super) most: usize,
    pub(super) made: usize,
}

impl<F: FnMut(&[Statement]) -> Result<()> + Send> Waves for Shown<'_, F> {
    fn next(&mut self, statements: &mut Vec<Statement>) -> Result<()> {
        self.waves.next(statements)?;
        self.made += 1;
        if self.made > self.most {
            self.most = self.made;
            (self.show)(statements)?;
        }
        Ok(())
    }

    fn row(&mut self, number: usize, row: &Row<'_>) -> Result<()> {
        self.waves.row(number, row)
    }

    fn is_last(&mut self) -> bool {
        self.waves.is_last()
    }

    fn restart(&mut self) -> Result<()> {
        self.made = 0;
        self.waves.restart()
    }

    fn reads(&self) -> Reads {
        self.waves.reads()
    }
}
