//! Sources by their key, which targets find them by.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::branch::Origin;
use crate::relation::Relation;
use crate::value::{Key, Parameter};

/// The sources that have one key, as a list through [`next`](Self::next).
#[derive(Debug)]
pub(super) struct ByKey<K> {
    /// The source of each key that its list begins with.
    first: HashMap<K, usize>,
    /// For each source the next one that has the same key.
    next: Vec<Option<usize>>,
    /// Where the list begins that the last source is in.
    last: Option<usize>,
    /// The keys, each once, as an array for each part.
    arrays: Vec<Vec<Parameter>>,
}

impl<K: Key> ByKey<K> {
    pub(super) fn new() -> Self {
        let arrays = K::TYPES.iter().map(|_| Vec::new()).collect();
        Self { first: HashMap::new(), next: Vec::new(), last: None, arrays }
    }

    pub(super) fn gather<R: Relation<Key = K>>(&mut self, source: &R::Source, from: Origin<'_>) {
        match from {
            // The key is the same.
            Origin::RowAgain(_) => self.link(self.last),
            Origin::Hand | Origin::Row(_) => self.add(R::key(source)),
        }
    }

    fn add(&mut self, key: Option<K>) {
        let at = self.next.len();
        let first = key.map(|key| match self.first.entry(key) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                let mut arrays = self.arrays.iter_mut();
                entry.key().each_parameter(|part| {
                    if let Some(array) = arrays.next() {
                        array.push(part);
                    }
                });
                *entry.insert(at)
            }
        });
        self.link(first);
    }

    /// Adds a source to the list that begins with another, or with itself.
    fn link(&mut self, first: Option<usize>) {
        let at = self.next.len();
        self.last = first;
        let first = first.and_then(|first| self.next.get_mut(first));
        let next = first.and_then(|first| first.replace(at));
        self.next.push(next);
    }

    pub(super) fn len(&self) -> usize {
        self.next.len()
    }

    /// Whether no source has a key.
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    pub(super) fn first(&self, key: &K) -> Option<usize> {
        self.first.get(key).copied()
    }

    pub(super) fn next(&self, source: usize) -> Option<usize> {
        self.next.get(source).copied().flatten()
    }

    /// The keys, each once, as an array for each part, which are taken out.
    pub(super) fn arrays(&mut self) -> Vec<Parameter> {
        let arrays = std::mem::take(&mut self.arrays);
        K::TYPES.iter().zip(arrays).map(|(of, values)| Parameter::array(*of, values)).collect()
    }
}
