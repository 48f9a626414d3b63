//! The caches of SQL: every one on the path of a query.
//!
//! | cache | key | value | filled by |
//! |---|---|---|---|
//! | [`SqlCache::sql`] | a [`Kept`]: the statement by its kind | SQL | accessors, `find_by_id`, links, trees, writes |
//! | `SqlCache::shaped` | the [fingerprint](crate::sql::fingerprint) of a query | SQL | queries without includes, targets of entities in hand |
//! | `SqlCache::plans` | the fingerprint of a query with its includes | the plan, and in it the SQL of each statement by its [way](crate::plan::tree::WAYS) | queries with includes |
//! | the statement cache of a connection | SQL | the prepared statement | all statements of a pool |
//!
//! The first three belong to an entity, or to the source of a link, and live as long as the program.
//! They hold SQL without values; values come from the same walk as the fingerprint. A `Kept` is for
//! statements that a few words tell, which are found without a walk. An entity has at most [`SHAPES`]
//! fingerprints, of at most [`LONGEST`] words each; further statements are written at each call. SQL
//! is kept only if the values of its first writing are those of the walk.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::vec::Vec;

use crate::definition::visible::Visible;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::hash::Seed;
use crate::plan::tree::KeptPlan;
use crate::sql::StatementSql;
use crate::sql::change::Returning;
use crate::sql::conflict::NewRowTest;
use crate::sql::include::Given;
use crate::sql::tree::{Direction, Start};
use crate::sql::upsert::UpsertStep;

/// The cached SQL of an entity; each statement is written when it is first needed.
#[derive(Debug)]
pub struct SqlCache {
    /// SQL by the kind of the statement.
    kept: RwLock<HashMap<(Dialect, Kept), StatementSql, Seed>>,
    /// SQL by the fingerprint of a query.
    pub(crate) shaped: FingerprintCache<StatementSql>,
    /// Plans by the fingerprint of a query with includes.
    pub(crate) plans: FingerprintCache<Arc<KeptPlan>>,
}

/// The caches that hold the SQL of a query.
#[derive(Clone, Copy)]
pub(crate) struct Caches {
    pub(crate) entity: &'static SqlCache,
    /// That of the source of the followed relation, if one is followed.
    pub(crate) source: Option<&'static SqlCache>,
}

/// Values by fingerprint.
#[derive(Debug)]
pub(crate) struct FingerprintCache<T>(RwLock<HashMap<Vec<usize>, T, Seed>>);

/// The number of fingerprints kept for an entity: more than a program writes down.
pub(crate) const SHAPES: usize = 1_000;

/// The length of the longest fingerprint that is kept, in words. Thousands of conditions are seldom as
/// many the next time.
pub(crate) const LONGEST: usize = 2_000;

impl<T: Clone> FingerprintCache<T> {
    const fn new() -> Self {
        Self(RwLock::new(HashMap::with_hasher(Seed::FIXED)))
    }

    /// The value of a fingerprint, if there is one.
    pub(crate) fn get(&self, shape: &[usize]) -> Option<T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(shape).cloned()
    }

    /// Keeps the value of a fingerprint, unless that is too long or there are too many.
    pub(crate) fn keep(&self, shape: &[usize], value: &T) {
        let mut shaped = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if shaped.len() < SHAPES && shape.len() <= LONGEST {
            shaped.insert(shape.to_vec(), value.clone());
        }
    }
}

/// A kind of statement that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kept {
    /// Rows by a key, on behalf of a relation where the SQL speaks of its source.
    ByKey {
        properties: &'static [&'static str],
        ordered: bool,
        origin: Option<usize>,
        visible: Visible,
    },
    /// Rows by several keys.
    ByManyKeys {
        properties: &'static [&'static str],
        ordered: bool,
        given: Given,
        origin: Option<usize>,
        visible: Visible,
    },
    /// The targets that links lead to from a source, by the relation's name.
    Linked(&'static str),
    /// The targets that links lead to from several sources.
    LinkedToMany { relation: &'static str, given: Given },
    /// A new link, by the relation's name.
    Link(&'static str),
    /// The removal of a link, by the relation's name.
    Unlink(&'static str),
    /// New links, by the relation's name.
    LinkMany(&'static str),
    /// The removal of all links of a source, by the relation's name.
    UnlinkAll(&'static str),
    /// The removal of those to some targets, or to all others.
    UnlinkSome { relation: &'static str, others: bool },
    /// The target of the source with an id, by the relation's name.
    TargetOfId(&'static str),
    /// A walk through a tree, by the relation's name.
    Walk(&'static str, Direction, Start),
    /// A new row of these properties, a bit each.
    Insert(u64),
    /// New rows of these properties, of which some rows leave those of the second set out.
    InsertMany { all: u64, partial: u64, returning: Returning },
    /// New rows on SQLite, all of them by one statement.
    InsertAtOnce { all: u64, partial: u64, returning: Returning },
    /// A new row of the first set of properties, unless one is there by the second, which takes
    /// over the third; on SQLite in steps.
    Upsert { sets: [u64; 3], step: Option<UpsertStep> },
    /// New rows of the first set of properties, of which some rows leave those of the second out, unless
    /// they are there by the third, which take over the fourth; on SQLite in steps.
    UpsertMany { sets: [u64; 4], told: Option<NewRowTest>, step: Option<UpsertStep> },
    /// A change of one row, by its id.
    Update,
    /// Changes of many rows by their ids; on SQLite of each of them.
    UpdateMany,
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
            shaped: FingerprintCache::new(),
            plans: FingerprintCache::new(),
        }
    }

    /// The kept SQL, written now if it never was.
    pub(crate) fn sql(
        &self,
        dialect: Dialect,
        kept: Kept,
        write: impl FnOnce() -> Result<StatementSql>,
    ) -> Result<StatementSql> {
        match self.kept(dialect, kept) {
            Some(sql) => Ok(sql),
            None => Ok(self.keep(dialect, kept, write()?)),
        }
    }

    fn kept(&self, dialect: Dialect, kept: Kept) -> Option<StatementSql> {
        let cache = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        cache.get(&(dialect, kept)).cloned()
    }

    fn keep(&self, dialect: Dialect, kept: Kept, sql: StatementSql) -> StatementSql {
        let mut cache = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        cache.entry((dialect, kept)).or_insert(sql).clone()
    }
}
