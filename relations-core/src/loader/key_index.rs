//! Sources by their key, which targets find them by, and the statement that is sent their keys.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::ast::inclusion::Strategy;
use crate::definition::property::ColumnType;
use crate::definition::relation::KeyArray;
use crate::entity::Entity;
use crate::error::Result;
use crate::hash::Seed;
use crate::loader::branch::{Repeated, RoundState, Sources};
use crate::loader::rounds::Round;
use crate::plan::tree::Planned;
use crate::relation::Relation;
use crate::sql::include::{EntityStatement, Keys};
use crate::value::Value;
use crate::value::key::Key;
use crate::value::parameter::Parameter;
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
            // One key may be that of any source: an array may have none.
            Keys::Given(_) if planned.relation.key_array.is_some() => Self::Number,
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
                arrays = match planned.relation.key_array {
                    Some(of) => self.sources.key_arrays(of),
                    None => self.sources.arrays(planned.numbered),
                };
                if planned.relation.key_array.is_some()
                    && arrays.first().is_some_and(Parameter::is_empty_array)
                {
                    self.state = RoundState::Answered;
                    return Ok(());
                }
                Keys::Given(&arrays)
            }
            Sources::Sent(Repeated { rows }) if planned.strategy == Strategy::Pipelined => {
                Keys::Repeated { rows, key_from: planned.key_positions() }
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

/// The keys of sources, and a place for each of them that sources with one key share.
#[derive(Debug)]
pub(crate) struct ByKey<K> {
    /// The keys of sources that have no place yet.
    keys: Vec<Option<K>>,
    places: HashMap<K, usize, Seed>,
    /// The place of each source; `None` where its key is null.
    of: Vec<Option<usize>>,
    /// The number of sources that have not claimed each slot.
    left: Vec<usize>,
    /// The parts of the keys, each key once.
    parts: Vec<Parameter>,
}

impl<K: Key> ByKey<K> {
    pub(crate) fn new() -> Self {
        Self {
            keys: Vec::new(),
            places: HashMap::default(),
            of: Vec::new(),
            left: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Adds a source.
    pub(crate) fn add(&mut self, key: Option<K>) {
        self.keys.push(key);
    }

    /// Gives a place to each source, when all are there, and tells how many places there are.
    pub(crate) fn assign_slots(&mut self) -> usize {
        let Self { keys, places, of, left, parts } = self;
        if !keys.is_empty() {
            places.reserve(keys.len());
            left.reserve(keys.len());
            // Many sources are more likely to share a key.
            parts.reserve(keys.len().min(100) * K::TYPES.len());
            let mut place_for = |key: K| match places.entry(key) {
                Entry::Occupied(entry) => {
                    let place = *entry.get();
                    if let Some(left) = left.get_mut(place) {
                        *left += 1;
                    }
                    place
                }
                Entry::Vacant(entry) => {
                    entry.key().each_parameter(|part| parts.push(part));
                    left.push(1);
                    *entry.insert(left.len() - 1)
                }
            };
            // Keys as long as a slot leave their memory to the slots.
            let settled: Vec<_> =
                std::mem::take(keys).into_iter().map(|key| key.map(&mut place_for)).collect();
            if of.is_empty() {
                *of = settled;
            } else {
                of.extend(settled);
            }
        }
        left.len()
    }

    /// The place of the sources with a key.
    pub(crate) fn place(&self, key: &K) -> Option<usize> {
        self.places.get(key).copied()
    }

    /// The place of a source.
    pub(crate) fn of(&self, source: usize) -> Option<usize> {
        self.of.get(source).copied().flatten()
    }

    /// The place that a source comes to, and whether it is the last one to do so.
    pub(crate) fn claim(&mut self, source: usize) -> Option<(usize, bool)> {
        let place = self.of(source)?;
        let left = self.left.get_mut(place)?;
        *left -= 1;
        Some((place, *left == 0))
    }

    /// The keys, or the elements of those that are arrays, and the number of the place of each, which are taken
    /// out.
    pub(crate) fn key_arrays(&mut self, of: KeyArray) -> Vec<Parameter> {
        let (mut keys, mut numbers) = (Vec::new(), Vec::new());
        for (number, part) in (1_i64..).zip(std::mem::take(&mut self.parts)) {
            let before = keys.len();
            match of {
                KeyArray::Source => keys.extend(part.into_elements()),
                KeyArray::Target => keys.push(part),
            }
            numbers.resize(numbers.len() + keys.len() - before, number.to_parameter());
        }
        let column_type = match K::TYPES {
            [ColumnType::Array(element)] => **element,
            [only, ..] => *only,
            [] => ColumnType::BigInt,
        };
        vec![Parameter::array(column_type, keys), Parameter::array(ColumnType::BigInt, numbers)]
    }

    /// The keys, each once, as an array for each part, which are taken out; in the order of their places
    /// where they are numbered.
    pub(crate) fn arrays(&mut self, numbered: bool) -> Vec<Parameter> {
        let mut parts = std::mem::take(&mut self.parts);
        match K::TYPES {
            [only] if numbered => return vec![Parameter::array(*only, parts)],
            [only] => return vec![Parameter::keys(*only, parts)],
            _ => {}
        }
        let width = K::TYPES.len();
        let columns = K::TYPES.iter().enumerate().map(|(at, of)| {
            let values = parts.iter_mut().skip(at).step_by(width);
            let values = values.map(|part| std::mem::replace(part, Parameter::null(*of)));
            Parameter::array(*of, values.collect())
        });
        columns.collect()
    }
}
