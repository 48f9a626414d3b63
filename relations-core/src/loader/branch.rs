//! Branches: the targets of one relation while they are loaded.

use crate::error::Result;
use crate::loader::rounds::Round;
use crate::sql::include::EntityStatement;
use crate::value::row::Row;

/// The targets of one relation, for all sources that a statement brings.
#[doc(hidden)]
pub trait Branch<E>: Send {
    /// Adds a source, with the targets in its row unless it was in hand. Without the entity, its row has its
    /// key.
    fn gather(&mut self, source: Option<&E>, row: Option<&Row<'_>>) -> Result<()>;

    /// Adds the target in a further row of the source of that number, where a relation to many is joined.
    fn repeat(&mut self, source: usize, row: &Row<'_>) -> Result<()>;

    /// Adds the statements that can be sent now.
    fn send(&mut self, round: &mut Round, sources: Sources<'_>) -> Result<()>;

    /// The receiver of the first statement that was sent and is not answered.
    fn receiver(&mut self) -> Option<&mut dyn Receiver>;

    /// Whether no further statement can follow.
    fn is_sent(&mut self) -> bool;
}

/// The receiver of the rows of one statement.
#[doc(hidden)]
pub trait Receiver: Send {
    fn row(&mut self, row: &Row<'_>) -> Result<()>;

    /// Ends the rows.
    fn end(&mut self);
}

/// The place of a branch's sources.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum Sources<'a> {
    /// All of them are loaded.
    Here,
    /// A statement of the same round loads them, and can be repeated.
    Sent(Repeated<'a>),
}

/// A statement that can be repeated.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Repeated<'a> {
    pub(crate) rows: &'a EntityStatement<'a>,
}

/// The state of the statement of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoundState {
    Waiting,
    Sent,
    Answered,
}

impl<E> Branch<E> for () {
    fn gather(&mut self, _: Option<&E>, _: Option<&Row<'_>>) -> Result<()> {
        Ok(())
    }

    fn repeat(&mut self, _: usize, _: &Row<'_>) -> Result<()> {
        Ok(())
    }

    fn send(&mut self, _: &mut Round, _: Sources<'_>) -> Result<()> {
        Ok(())
    }

    fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        None
    }

    fn is_sent(&mut self) -> bool {
        true
    }
}
