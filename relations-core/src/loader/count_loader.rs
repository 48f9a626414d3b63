//! Counts the targets of one relation for all sources of a statement.

use std::sync::Arc;

use crate::error::Result;
use crate::loader::branch::{Branch, Receiver, RoundState, Sources};
use crate::loader::key_index::{By, KeyQuery, SourceReference};
use crate::loader::rounds::Round;
use crate::plan::tree::Planned;
use crate::relation::Relation;
use crate::value::row::Row;

/// Counts the targets of each source.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub struct CountLoader<R: Relation> {
    planned: Option<Arc<Planned>>,
    keys: KeyQuery<R>,
    /// The number of each slot.
    found: Vec<i64>,
    /// The number of sources that have theirs.
    taken: usize,
}

impl<R: Relation> CountLoader<R> {
    pub(crate) fn new(planned: Option<&Arc<Planned>>) -> Self {
        Self { planned: planned.cloned(), keys: KeyQuery::new(), found: Vec::new(), taken: 0 }
    }

    /// The number for the next source.
    pub(crate) fn take(&mut self) -> i64 {
        let source = self.taken;
        self.taken += 1;
        let joined = self.planned.as_ref().is_some_and(|planned| planned.is_joined());
        let place = if joined { Some(source) } else { self.keys.sources.of(source) };
        place.and_then(|place| self.found.get(place).copied()).unwrap_or_default()
    }
}

impl<R: Relation> Branch<R::Source> for CountLoader<R> {
    fn gather(&mut self, source: Option<&R::Source>, row: Option<&Row<'_>>) -> Result<()> {
        let Some(planned) = &self.planned else { return Ok(()) };
        match row.filter(|_| planned.is_joined()) {
            Some(row) => self.found.push(planned.count(row, planned.target.from)?),
            None => self.keys.sources.add(planned.key_of::<R>(source, row)?),
        }
        Ok(())
    }

    fn repeat(&mut self, _: usize, _: &Row<'_>) -> Result<()> {
        Ok(())
    }

    fn send(&mut self, round: &mut Round, sources: Sources<'_>) -> Result<()> {
        let Some(planned) = self.planned.clone() else { return Ok(()) };
        if planned.is_joined() || self.keys.state != RoundState::Waiting {
            return Ok(());
        }
        self.keys.send(round, &planned, sources, |_, _| Ok(()))
    }

    fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        if self.keys.state == RoundState::Sent { Some(self) } else { None }
    }

    fn is_sent(&mut self) -> bool {
        let joined = self.planned.as_ref().is_none_or(|planned| planned.is_joined());
        joined || self.keys.state != RoundState::Waiting
    }
}

impl<R: Relation> Receiver for CountLoader<R> {
    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let Some(planned) = &self.planned else { return Ok(()) };
        self.found.resize(self.keys.sources.assign_slots(), 0);
        let Some(place) = self.keys.place(planned, row)? else { return Ok(()) };
        let SourceReference { by, joined } = self.keys.told;
        // A number stands alone before the count, and a key of several parts does not.
        let at = if joined && by != By::Key { 1 } else { planned.target.from };
        if let Some(found) = self.found.get_mut(place) {
            // Keys that the database takes for equal are counted one by one.
            *found += planned.count(row, at)?;
        }
        Ok(())
    }

    fn end(&mut self) {
        self.keys.state = RoundState::Answered;
    }
}
