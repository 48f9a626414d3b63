//! Statements and plans whose SQL is written once: those that differ in their values only.

use std::sync::Arc;

use crate::ast::inclusion::{Inclusion, Inclusions, Strategy};
use crate::ast::predicate::Predicate;
use crate::ast::select::Select;
use crate::dialect::{Dialect, Engine};
use crate::error::Result;
use crate::plan::layout::{Layout, RowsOfSource};
use crate::plan::strategy::Bound;
use crate::plan::tree::{KeptPlan, KeptSql, OwnOrKept, Reach, RowPlan, any_unknown};
use crate::sql::cache::SqlCache;
use crate::sql::fingerprint::{Both, BoundValues, Fingerprint, StatementWalk};
use crate::sql::include::EntityStatement;
use crate::sql::select::rows;
use crate::sql::{Lowered, StatementSql, Verb};
use crate::value::parameter::{Values, check_values};

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
