//! The SQL of an entity that is written once and remembered.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::vec::Vec;

use crate::dialect::Engine;
use crate::error::Result;
use crate::hash::Seed;
use crate::plan::tree::KeptPlan;
use crate::sql::tree::{Direction, Start};

/// The SQL of an entity that is written when it is first needed.
#[derive(Debug)]
pub struct SqlCache {
    /// What never changes.
    kept: RwLock<HashMap<(Engine, Kept), Arc<str>, Seed>>,
    /// What has one shape.
    pub(crate) shaped: Shaped<str>,
    /// How queries of one shape are planned that include something.
    pub(crate) plans: Shaped<KeptPlan>,
}

/// The caches that hold the SQL of a query.
#[derive(Clone, Copy)]
pub(crate) struct Caches {
    pub(crate) entity: &'static SqlCache,
    /// That of the source of the followed relation, if one is followed.
    pub(crate) source: Option<&'static SqlCache>,
}

/// What is kept by its shape.
#[derive(Debug)]
pub(crate) struct Shaped<T: ?Sized>(RwLock<HashMap<Vec<usize>, Arc<T>, Seed>>);

/// How many shapes are kept for an entity: more than a program writes down.
pub(crate) const SHAPES: usize = 1_000;

/// Of how many words a shape is at most that is kept. Thousands of conditions are seldom as many the
/// next time.
pub(crate) const LONGEST: usize = 2_000;

impl<T: ?Sized> Shaped<T> {
    const fn new() -> Self {
        Self(RwLock::new(HashMap::with_hasher(Seed::FIXED)))
    }

    /// What has a shape, if it is kept.
    pub(crate) fn get(&self, shape: &[usize]) -> Option<Arc<T>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(shape).cloned()
    }

    /// Keeps what has a shape, unless it is too long, or there are too many.
    pub(crate) fn keep(&self, shape: &[usize], value: &Arc<T>) {
        let mut shaped = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if shaped.len() < SHAPES && shape.len() <= LONGEST {
            shaped.insert(shape.to_vec(), Arc::clone(value));
        }
    }
}

/// Which statement is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kept {
    /// Rows by a key, on behalf of a relation where the SQL speaks of its source.
    ByKey { properties: &'static [&'static str], ordered: bool, origin: Option<usize> },
    /// Rows by several keys, which may be so many that the server had better see them.
    ByManyKeys {
        properties: &'static [&'static str],
        ordered: bool,
        many: bool,
        origin: Option<usize>,
    },
    /// The targets that links lead to from a source, by the relation's name.
    Linked(&'static str),
    /// The same from several sources.
    LinkedToMany { relation: &'static str, many: bool },
    /// A new link, by the relation's name.
    Link(&'static str),
    /// The removal of a link, by the relation's name.
    Unlink(&'static str),
    /// The target of the source with an id, by the relation's name.
    TargetOfId(&'static str),
    /// A walk through a tree, by the relation's name.
    Walk(&'static str, Direction, Start),
    /// A new row of these properties, a bit each.
    Insert(u64),
    /// New rows of these properties, of which some rows leave those of the second set out.
    InsertMany(u64, u64),
    /// The same rows on SQLite, all of them by one statement.
    InsertAtOnce(u64, u64),
    /// A new row of the first set of properties, unless one is there by the second, which takes
    /// over the third; or what runs where it is there.
    Upsert { sets: [u64; 3], is_existing: bool },
    /// A change of one row, by its id.
    Update,
    /// The removal of one row, by its id.
    Delete,
}

impl SqlCache {
    /// An empty cache.
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self {
            kept: RwLock::new(HashMap::with_hasher(Seed::FIXED)),
            shaped: Shaped::new(),
            plans: Shaped::new(),
        }
    }

    /// The kept SQL, written now if it never was.
    pub(crate) fn sql(
        &self,
        engine: Engine,
        kept: Kept,
        write: impl FnOnce() -> Result<String>,
    ) -> Result<Arc<str>> {
        let key = (engine, kept);
        if let Some(sql) = self.kept.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(sql));
        }
        let sql: Arc<str> = write()?.into();
        let mut cache = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(cache.entry(key).or_insert(sql)))
    }
}
