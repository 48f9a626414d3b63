//! The statement that loads targets by the keys of their sources.

use crate::ast::inclusion::Strategy;
use crate::entity::Entity;
use crate::error::Result;
use crate::loader::branch::{Repeated, Round, RoundState, Sources};
use crate::loader::key_index::ByKey;
use crate::plan::tree::Planned;
use crate::relation::Relation;
use crate::sql::include::{EntityStatement, Keys};
use crate::value::row::Row;

/// The sources of a relation, and the state of the statement that is sent their keys.
pub(super) struct KeyQuery<R: Relation> {
    pub(super) state: RoundState,
    pub(super) sources: ByKey<R::Key>,
    pub(super) told: SourceReference,
}

/// The reference of a row to its sources.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceReference {
    pub(super) by: By,
    /// Whether their keys are joined to the rows.
    pub(super) joined: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Their key.
    Key,
    /// The number of their key.
    Number,
    /// Not at all: there is one key alone.
    OneKey,
}

impl By {
    fn of(planned: &Planned, keys: Keys<'_>) -> Self {
        match keys {
            Keys::Given(_) if !planned.numbered => Self::Key,
            Keys::Given(_) if keys.is_one(planned) => Self::OneKey,
            Keys::Given(_) => Self::Number,
            Keys::Repeated { .. } => Self::Key,
        }
    }
}

impl<R: Relation> KeyQuery<R> {
    pub(super) fn new() -> Self {
        let told = SourceReference { by: By::Key, joined: false };
        Self { state: RoundState::Waiting, sources: ByKey::new(), told }
    }

    /// The slot of the sources of a row.
    pub(super) fn place(&self, planned: &Planned, row: &Row<'_>) -> Result<Option<usize>> {
        match self.told.by {
            By::Key => Ok(self.sources.place(&planned.key(row)?)),
            By::Number => planned.number(row).map(Some),
            By::OneKey => Ok(Some(0)),
        }
    }

    /// Sends the statement if it can be sent now, and those that can be sent below it.
    pub(super) fn send(
        &mut self,
        round: &mut Round,
        planned: &Planned,
        sources: Sources<'_>,
        below: impl FnOnce(&mut Round, Repeated<'_>) -> Result<()>,
    ) -> Result<()> {
        let arrays;
        let keys = match sources {
            Sources::Here if self.sources.assign_slots() == 0 => {
                self.state = RoundState::Answered;
                return Ok(());
            }
            Sources::Here => {
                arrays = self.sources.arrays(planned.numbered);
                Keys::Given(&arrays)
            }
            Sources::Sent(Repeated { rows }) if planned.strategy == Strategy::Pipelined => {
                Keys::Repeated { rows, key_from: &planned.key_from }
            }
            Sources::Sent(_) => return Ok(()),
        };
        self.told = SourceReference { by: By::of(planned, keys), joined: keys.are_joined(planned) };
        let rows = if planned.counted {
            EntityStatement::Counts { planned, keys }
        } else {
            EntityStatement::Targets { planned, keys }
        };
        round.push(rows, R::Source::sql_cache(), R::Target::DEFINITION, Some(R::DEFINITION))?;
        self.state = RoundState::Sent;
        below(round, Repeated { rows: &rows })
    }
}
