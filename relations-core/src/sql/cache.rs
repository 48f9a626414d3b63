//! The caches of SQL: every one on the path of a query, and the statements and plans that are taken from them.
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

use crate::ast::inclusion::{Inclusion, Inclusions, Strategy};
use crate::ast::predicate::Predicate;
use crate::ast::select::Select;
use crate::definition::visible::Visible;
use crate::dialect::{Dialect, Engine};
use crate::error::Result;
use crate::hash::Seed;
use crate::plan::layout::{Layout, RowsOfSource};
use crate::plan::strategy::Bound;
use crate::plan::tree::{KeptPlan, KeptSql, OwnOrKept, Reach, RowPlan, any_unknown};
use crate::sql::change::Returning;
use crate::sql::conflict::NewRowTest;
use crate::sql::fingerprint::{Both, BoundValues, Fingerprint, StatementWalk};
use crate::sql::include::{EntityStatement, Given};
use crate::sql::select::rows;
use crate::sql::tree::{Direction, Start};
use crate::sql::upsert::UpsertStep;
use crate::sql::{Lowered, StatementSql, Verb};
use crate::value::parameter::{Values, check_values};

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
    /// New rows of these properties, of which some rows leave those of the second set out; so many rows, if each
    /// value is a parameter.
    InsertMany { all: u64, partial: u64, by_row: Option<usize>, returning: Returning },
    /// New rows on SQLite, all of them by one statement.
    InsertAtOnce { all: u64, partial: u64, returning: Returning },
    /// A new row of the first set of properties, unless one is there by the second, which takes
    /// over the third; on SQLite in steps.
    Upsert { sets: [u64; 3], step: Option<UpsertStep> },
    /// New rows of the first set of properties, of which some rows leave those of the second out, unless
    /// they are there by the third, which take over the fourth; on SQLite in steps.
    UpsertMany {
        sets: [u64; 4],
        by_row: Option<usize>,
        told: Option<NewRowTest>,
        step: Option<UpsertStep>,
    },
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

impl EntityStatement<'_> {
    /// The statement and its values.
    pub(crate) fn sql(self, dialect: Dialect, cache: &SqlCache) -> Result<(StatementSql, Values)> {
        let kept = self.kept();
        match (kept, kept.and_then(|_| self.values(dialect.engine))) {
            (Some(kept), Some(values)) => match kept.get() {
                Some(sql) => Ok((sql.clone(), values)),
                None => Ok(written(&values, self.lower(dialect)?, |sql| {
                    kept.get_or_init(|| sql);
                })),
            },
            (None, _) => {
                let mut parts = Both::on(dialect);
                let kept = parts.rows(self);
                parts.sql(kept, cache, || self.lower(dialect))
            }
            (Some(_), None) => Ok(sql_and_values(self.lower(dialect)?)),
        }
    }

    /// The values in the order in which the statement has them; `None` where one cannot be sent.
    fn values(self, engine: Engine) -> Option<Values> {
        let mut values = BoundValues::on(engine);
        values.sent(self)?;
        Some(values.values)
    }
}

impl Select {
    /// The statement for whole rows, and its values.
    pub(crate) fn sql(
        &self,
        dialect: Dialect,
        verb: Verb,
        cache: &SqlCache,
    ) -> Result<(StatementSql, Values)> {
        self.check_values(dialect.engine)?;
        let mut parts = Both::on(dialect);
        parts.words([3, verb as usize]);
        let kept = parts.filtered(self);
        parts.sql(kept, cache, || rows(dialect, self, verb))
    }

    /// Makes sure that there are not too many values before they are written, which takes time and
    /// room.
    pub(crate) fn check_values(&self, engine: Engine) -> Result<()> {
        let count = |predicate: &Predicate| match predicate {
            Predicate::All(list) | Predicate::Any(list) => list.check(engine),
            other => check_values(engine, other.values_sent()),
        };
        let counted = match self.links.as_deref() {
            None => count(&self.predicate),
            Some(links) => {
                let both = self.predicate.values_sent() + links.values_sent();
                let each = count(&self.predicate).and_then(|()| count(links));
                each.and_then(|()| check_values(engine, both))
            }
        };
        counted.map_err(|error| error.entity_is(self.entity))
    }

    /// The plan of a query with its includes. It is kept if queries of this fingerprint differ in values
    /// only.
    ///
    /// A caller that looks at each row before it is read wants one for each source.
    pub(crate) fn plan(
        &self,
        dialect: Dialect,
        verb: Verb,
        reach: Reach,
        includes: Inclusions,
        one_row_each: bool,
        cache: &SqlCache,
    ) -> OwnOrKept {
        let told = self.told().count();
        if includes.is_empty() && self.columns.is_none() {
            return OwnOrKept::Own(RowPlan { from: told, ..RowPlan::BARE });
        }
        let rows = self.most_rows(verb);
        // Rows that hold no id cannot be merged.
        let has_id = self.columns.is_none() && self.entity.has_id();
        let rows_of_source = if one_row_each || !has_id || self.lock.strength.is_some() {
            RowsOfSource::One
        } else {
            RowsOfSource::Any { by_name: names_rows_of_source(&includes) }
        };
        let plan = |includes: Inclusions, kept| {
            let bound = Bound {
                rows,
                in_hand: false,
                reach,
                kept,
                repeatable: reach.snapshot,
                // Rows that hold no id cannot tell that one came twice.
                are_targets: !has_id,
            };
            // Without an id no order makes two statements bring equal rows.
            let repeatable = reach.snapshot
                && self.entity.has_id()
                && !self.is_unknown()
                && !any_unknown(&includes, bound);
            let bound = if self.lock.strength.is_none() {
                Bound { repeatable, ..bound }
            } else {
                // A locking query is refused where it would be repeated, and never repeated below: it
                // reads rows as they are when they are locked, not in a snapshot.
                let reach = Reach { high_latency: false, snapshot: false, ..reach };
                Bound { reach, repeatable: true, ..bound }
            };
            let mut layout = Layout::behind(told, rows_of_source);
            match self.columns {
                Some(columns) => {
                    RowPlan::of_columns(self.entity, columns, &[], includes, bound, &mut layout)
                }
                None => RowPlan::new(self.entity, includes, bound, &mut layout),
            }
        };
        let mut fingerprint = Fingerprint::on(dialect);
        let reached = usize::from(reach.high_latency) + 2 * usize::from(reach.snapshot);
        let rows = rows.map_or(0, |rows| {
            usize::try_from(rows).map_or(usize::MAX, |rows| rows.saturating_add(1))
        });
        fingerprint.words([verb as usize, reached, rows, usize::from(one_row_each)]);
        fingerprint.word(usize::from(self.matches_few()));
        if fingerprint.filtered(self).and_then(|()| fingerprint.includes(&includes)).is_none() {
            return OwnOrKept::Own(plan(includes, false));
        }
        let kept = cache.plans.get(&fingerprint.0);
        OwnOrKept::Kept(kept.unwrap_or_else(|| {
            let kept = KeptPlan { plan: plan(includes, true), sql: KeptSql::new() };
            let kept = Arc::new(kept);
            cache.plans.keep(&fingerprint.0, &kept);
            kept
        }))
    }
}

/// Whether a query names a strategy that cannot be had beside a joined relation to many, or that one
/// itself, so that the rule joins none.
fn names_rows_of_source(includes: &[Inclusion]) -> bool {
    includes.iter().any(|one| {
        let several = one.relation.targets_many() || one.relation.may_lead_to_several();
        let named = match one.strategy {
            Some(Strategy::Joined) => several && !one.counted,
            Some(Strategy::Pipelined) => true,
            Some(Strategy::Batched) | None => false,
        };
        named || one.select.as_deref().is_some_and(|it| names_rows_of_source(&it.includes))
    })
}

/// A statement that was just written. Its SQL is kept where values are all that can differ.
fn written(
    values: &Values,
    Lowered { sql, parameters }: Lowered,
    keep: impl FnOnce(StatementSql),
) -> (StatementSql, Values) {
    if parameters == values.as_slice() {
        keep(sql.clone());
    }
    (sql, parameters.into())
}

/// A statement that is not kept.
fn sql_and_values(Lowered { sql, parameters }: Lowered) -> (StatementSql, Values) {
    (sql, parameters.into())
}

impl Both {
    /// The SQL of a statement, and its values; from the cache where the walk came to its end.
    fn sql(
        self,
        walked: Option<()>,
        cache: &SqlCache,
        lower: impl FnOnce() -> Result<Lowered>,
    ) -> Result<(StatementSql, Values)> {
        let Self { fingerprint, sent: BoundValues { values, .. } } = self;
        if walked.is_none() {
            return Ok(sql_and_values(lower()?));
        }
        if let Some(sql) = cache.shaped.get(&fingerprint.0) {
            return Ok((sql, values));
        }
        Ok(written(&values, lower()?, |sql| cache.shaped.keep(&fingerprint.0, &sql)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests")]
mod tests;
