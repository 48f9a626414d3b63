//! Sources by their key, which targets find them by.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::hash::Seed;
use crate::value::{Key, Parameter};

/// The keys of sources, and a place for each of them that sources with one key share.
#[derive(Debug)]
pub(super) struct ByKey<K> {
    /// The keys of sources that have no place yet.
    keys: Vec<Option<K>>,
    places: HashMap<K, usize, Seed>,
    /// The place of each source; `None` where its key is null.
    of: Vec<Option<usize>>,
    /// How many sources are still to come to each place.
    left: Vec<usize>,
    /// The parts of the keys, each key once.
    parts: Vec<Parameter>,
}

impl<K: Key> ByKey<K> {
    pub(super) fn new() -> Self {
        Self {
            keys: Vec::new(),
            places: HashMap::default(),
            of: Vec::new(),
            left: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Adds a source.
    pub(super) fn add(&mut self, key: Option<K>) {
        self.keys.push(key);
    }

    /// Gives a place to each source, when all are there, and tells how many places there are.
    pub(super) fn settle(&mut self) -> usize {
        if !self.keys.is_empty() {
            let keys = std::mem::take(&mut self.keys);
            self.places.reserve(keys.len());
            self.of.reserve(keys.len());
            for key in keys {
                let place = key.map(|key| self.place_for(key));
                self.of.push(place);
            }
        }
        self.left.len()
    }

    fn place_for(&mut self, key: K) -> usize {
        match self.places.entry(key) {
            Entry::Occupied(entry) => {
                let place = *entry.get();
                if let Some(left) = self.left.get_mut(place) {
                    *left += 1;
                }
                place
            }
            Entry::Vacant(entry) => {
                entry.key().each_parameter(|part| self.parts.push(part));
                self.left.push(1);
                *entry.insert(self.left.len() - 1)
            }
        }
    }

    /// The place of the sources with a key.
    pub(super) fn place(&self, key: &K) -> Option<usize> {
        self.places.get(key).copied()
    }

    /// The place of a source.
    pub(super) fn of(&self, source: usize) -> Option<usize> {
        self.of.get(source).copied().flatten()
    }

    /// The place that a source comes to, and whether it is the last one to do so.
    pub(super) fn come(&mut self, source: usize) -> Option<(usize, bool)> {
        let place = self.of(source)?;
        let left = self.left.get_mut(place)?;
        *left -= 1;
        Some((place, *left == 0))
    }

    /// The keys, each once, as an array for each part, which are taken out.
    pub(super) fn arrays(&mut self) -> Vec<Parameter> {
        let mut parts = std::mem::take(&mut self.parts);
        if let [only] = K::TYPES {
            return vec![Parameter::keys(*only, parts)];
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
