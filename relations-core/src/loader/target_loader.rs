//! Loads the targets of one relation for all sources of a statement.

use std::sync::Arc;

use crate::error::{Kind, Result};
use crate::loader::branch::{Branch, Receiver, RoundState, Sources};
use crate::loader::key_index::KeyQuery;
use crate::loader::loaded::Loaded;
use crate::loader::loaded::{Collect, ParentRows};
use crate::loader::rounds::Round;
use crate::plan::tree::Planned;
use crate::relation::Relation;
use crate::value::row::Row;

/// Loads the targets of one relation, and assigns them to their sources.
///
/// A shared target is loaded once, with everything below it; each source but the last gets a copy.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub struct TargetLoader<R: Relation, T: Loaded, P> {
    /// `None` where nothing was included.
    planned: Option<Arc<Planned>>,
    keys: KeyQuery<R>,
    found: FoundTargets<T, P>,
    /// The keys of sources that were not read as entities, for errors.
    read_keys: Vec<Option<R::Key>>,
    /// The number of sources that have their targets.
    taken: usize,
}

/// The targets that were read.
struct FoundTargets<T: Loaded, P> {
    /// The whole ones of each slot.
    whole: Vec<P>,
    /// Targets that further statements complete, and the slot of each.
    parts: Option<ParentRows<T>>,
    of: Vec<usize>,
}

impl<T: Loaded, P: Collect<T>> FoundTargets<T, P> {
    /// Reads a target from a row.
    fn read(&mut self, place: usize, row: &Row<'_>, planned: &Planned) -> Result<()> {
        if let Some(parts) = &mut self.parts {
            self.of.push(place);
            return parts.read(row, &planned.target);
        }
        match T::read(row, &planned.target)? {
            Some(target) => self.put(place, target, planned),
            None => Ok(()),
        }
    }

    /// Hands on a further row of the target of a slot. Targets to one come in the order of the slots.
    fn repeat(&mut self, place: usize, row: &Row<'_>) -> Result<()> {
        match (&mut self.parts, self.of.binary_search(&place)) {
            (Some(parts), Ok(target)) => parts.repeat(target, row),
            _ => Ok(()),
        }
    }

    fn put(&mut self, place: usize, target: T, planned: &Planned) -> Result<()> {
        if self.whole.get_mut(place).is_none_or(|whole| whole.put(target)) {
            Ok(())
        } else {
            Err(planned.select.error(Kind::NotUnique))
        }
    }

    /// Makes room for this many slots.
    fn make_room(&mut self, places: usize) {
        if self.whole.len() < places {
            self.whole.resize_with(places, P::default);
        }
    }

    /// Completes the targets that further statements were read for.
    fn finish(&mut self, planned: &Planned) -> Result<()> {
        let Some(parts) = self.parts.take() else { return Ok(()) };
        for (target, place) in parts.attach().zip(std::mem::take(&mut self.of)) {
            if let Some(target) = target? {
                self.put(place, target, planned)?;
            }
        }
        Ok(())
    }
}

impl<R: Relation, T: Loaded<Entity = R::Target>, P: Collect<T>> TargetLoader<R, T, P> {
    pub(crate) fn new(planned: Option<&Arc<Planned>>) -> Self {
        let parts = planned.filter(|planned| !planned.target.whole);
        let parts = parts.map(|planned| ParentRows::new(&planned.target));
        Self {
            planned: planned.cloned(),
            keys: KeyQuery::new(),
            found: FoundTargets { whole: Vec::new(), parts, of: Vec::new() },
            read_keys: Vec::new(),
            taken: 0,
        }
    }

    pub(crate) fn planned(&self) -> Option<&Arc<Planned>> {
        self.planned.as_ref()
    }

    /// The key of the source that has just got its targets.
    pub(crate) fn key(&self, source: Option<&R::Source>) -> Option<R::Key> {
        match source {
            Some(source) => R::key(source),
            None => self.read_keys.get(self.taken.checked_sub(1)?)?.clone(),
        }
    }

    /// The targets of the next source.
    pub(crate) fn take(&mut self) -> Result<P> {
        if let Some(planned) = &self.planned {
            self.found.finish(planned)?;
        }
        let source = self.taken;
        self.taken += 1;
        let joined = self.planned.as_ref().is_some_and(|planned| planned.is_joined());
        let place = if joined { Some((source, true)) } else { self.keys.sources.claim(source) };
        let mut found =
            place.and_then(|(place, last)| Some((self.found.whole.get_mut(place)?, last)));
        if let Some((found, _)) = &mut found
            && self.planned.as_ref().is_some_and(|planned| planned.sorted_here)
        {
            found.sort();
        }
        Ok(match found {
            Some((found, true)) => std::mem::take(found),
            Some((found, false)) => found.duplicate(),
            None => P::default(),
        })
    }
}

impl<R, T, P> Branch<R::Source> for TargetLoader<R, T, P>
where
    R: Relation,
    T: Loaded<Entity = R::Target>,
    P: Collect<T>,
{
    fn gather(&mut self, source: Option<&R::Source>, row: Option<&Row<'_>>) -> Result<()> {
        let Some(planned) = &self.planned else { return Ok(()) };
        if source.is_none() {
            self.read_keys.push(planned.key_of::<R>(source, row)?);
        }
        let Some(row) = row.filter(|_| planned.is_joined()) else {
            self.keys.sources.add(planned.key_of::<R>(source, row)?);
            return Ok(());
        };
        let place = self.found.whole.len();
        self.found.whole.push(P::default());
        if planned.is_absent(row)? { Ok(()) } else { self.found.read(place, row, planned) }
    }

    fn repeat(&mut self, source: usize, row: &Row<'_>) -> Result<()> {
        let Some(planned) = self.planned.as_ref().filter(|planned| planned.repeats_source()) else {
            return Ok(());
        };
        if planned.is_absent(row)? {
            return Ok(());
        }
        if planned.relation.targets_many() {
            return self.found.read(source, row, planned);
        }
        self.found.repeat(source, row)
    }

    fn send(&mut self, round: &mut Round, sources: Sources<'_>) -> Result<()> {
        let Some(planned) = self.planned.clone() else { return Ok(()) };
        let parts = &mut self.found.parts;
        let mut below = |round: &mut Round, sources: Sources<'_>| match parts {
            Some(parts) => parts.send(round, sources),
            None => Ok(()),
        };
        if planned.is_joined() {
            return below(round, sources);
        }
        if self.keys.state == RoundState::Waiting {
            self.keys
                .send(round, &planned, sources, |round, rows| below(round, Sources::Sent(rows)))?;
        }
        match self.keys.state {
            RoundState::Waiting | RoundState::Sent => Ok(()),
            // Without a source that has a key this is known at once, also below.
            RoundState::Answered => below(round, Sources::Here),
        }
    }

    fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        if self.keys.state == RoundState::Sent {
            Some(self)
        } else {
            self.found.parts.as_mut().and_then(ParentRows::receiver)
        }
    }

    fn is_sent(&mut self) -> bool {
        let Some(planned) = &self.planned else { return true };
        let asked = planned.is_joined() || self.keys.state != RoundState::Waiting;
        asked && self.found.parts.as_mut().is_none_or(ParentRows::is_sent)
    }
}

impl<R, T, P> Receiver for TargetLoader<R, T, P>
where
    R: Relation,
    T: Loaded<Entity = R::Target>,
    P: Collect<T>,
{
    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let Some(planned) = &self.planned else { return Ok(()) };
        self.found.make_room(self.keys.sources.assign_slots());
        let Some(place) = self.keys.place(planned, row)? else { return Ok(()) };
        self.found.read(place, row, planned)
    }

    fn end(&mut self) {
        self.keys.state = RoundState::Answered;
    }
}
