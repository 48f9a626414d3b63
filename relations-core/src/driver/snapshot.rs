//! Trees of statements, and the one snapshot that each of them sees.

use crate::driver::statement::Statement;
use crate::error::Result;
use crate::plan::reads::Reads;
use crate::value::row::Row;

/// Statements that are sent in rounds, the next when all before are answered.
#[doc(hidden)]
pub trait Rounds: Send {
    /// Puts the statements of the next round in place of those of the last; none when all is done.
    fn next(&mut self, statements: &mut Vec<Statement>) -> Result<()>;

    /// Takes a row of the statement of that number.
    fn row(&mut self, number: usize, row: &Row<'_>) -> Result<()>;

    /// Whether no round follows the one that was made last, whatever its rows.
    fn is_last(&mut self) -> bool;

    /// Forgets all rows, so that the next round is the first one.
    fn restart(&mut self) -> Result<()>;

    /// What the statements do beside reading rows.
    fn reads(&self) -> Reads;
}

impl Reads {
    /// The statement that begins the transaction in which PostgreSQL shows one snapshot to all of them;
    /// none where they are to see the rows as they are when each of them is locked.
    #[cfg(feature = "postgres")]
    pub(crate) fn begin(self) -> Option<&'static str> {
        match self {
            Self::Only => Some("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
            Self::Unknown => Some("BEGIN ISOLATION LEVEL REPEATABLE READ"),
            Self::Locking => None,
        }
    }
}

/// Rounds whose statements are shown to a function before they are sent, each once.
pub(crate) struct Shown<'a, F> {
    pub(crate) rounds: &'a mut dyn Rounds,
    pub(crate) show: F,
    /// How many rounds were shown, and how many were made since the last start.
    pub(crate) most: usize,
    pub(crate) made: usize,
}

impl<F: FnMut(&[Statement]) -> Result<()> + Send> Rounds for Shown<'_, F> {
    fn next(&mut self, statements: &mut Vec<Statement>) -> Result<()> {
        self.rounds.next(statements)?;
        self.made += 1;
        if self.made > self.most {
            self.most = self.made;
            (self.show)(statements)?;
        }
        Ok(())
    }

    fn row(&mut self, number: usize, row: &Row<'_>) -> Result<()> {
        self.rounds.row(number, row)
    }

    fn is_last(&mut self) -> bool {
        self.rounds.is_last()
    }

    fn restart(&mut self) -> Result<()> {
        self.made = 0;
        self.rounds.restart()
    }

    fn reads(&self) -> Reads {
        self.rounds.reads()
    }
}
