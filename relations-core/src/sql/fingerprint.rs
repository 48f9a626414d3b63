//! SQL that is written once and kept: that of statements which differ only in their values.

use std::cell::Cell;
use std::sync::Arc;

use crate::ast::inclusion::{Inclusion, Inclusions};
use crate::ast::list::List;
use crate::ast::predicate::Predicate;
use crate::ast::scope::Scope;
use crate::ast::select::Select;
use crate::ast::term::{Field, Operand, Term};
use crate::dialect::Engine;
use crate::error::Result;
use crate::plan::layout::Layout;
use crate::plan::strategy::{Bound, FEW_KEYS};
use crate::plan::tree::{KeptPlan, KeptSql, OwnOrKept, Plan, Planned, Reach, any_unknown};
use crate::sql::cache::{LONGEST, SqlCache};
use crate::sql::include::{Given, Keys, Rows};
use crate::sql::predicate::folded;
use crate::sql::select::rows;
use crate::sql::spelling::json_array;
use crate::sql::{Lowered, Verb, WRITTEN_LIMIT};
use crate::value::parameter::check_values;
use crate::value::parameter::{Parameter, Values, has_nul};

impl Rows<'_> {
    /// The statement and its values.
    pub(crate) fn sql(self, engine: Engine, cache: &SqlCache) -> Result<(Arc<str>, Values)> {
        let values = self.values(engine);
        match (self.kept(), values) {
            (Some(kept), Some(values)) => match kept.get() {
                Some(sql) => Ok((Arc::clone(sql), values)),
                None => Ok(written(&values, self.lower(engine)?, |sql| {
                    kept.get_or_init(|| sql);
                })),
            },
            (_, values) => {
                let mut fingerprint = Fingerprint::on(engine);
                let values = fingerprint.rows(self).and(values);
                fingerprint.sql(values, cache, || self.lower(engine))
            }
        }
    }

    /// The values in the order in which the statement has them; `None` where one cannot be sent.
    fn values(self, engine: Engine) -> Option<Values> {
        let (planned, keys) = match self {
            Self::Of { select, .. } => return select.sent_values(engine),
            Self::Targets { planned, keys } | Self::Counts { planned, keys } => (planned, keys),
        };
        match (keys, engine) {
            (Keys::Repeated { rows, .. }, _) => rows.values(engine),
            (Keys::Given(arrays), _) => {
                let paged = matches!(self, Self::Targets { .. }) && planned.is_paged_by_key();
                let joined = paged && engine == Engine::Postgres;
                let joined = joined || keys.are_joined(planned);
                match Given::of(planned, arrays) {
                    Given::One if !joined => {
                        arrays.iter().map(|array| array.only().into_compared().ok()).collect()
                    }
                    Given::Range if !joined => {
                        let (first, last) = arrays.first()?.ends()?;
                        [first, last].into_iter().map(|end| end.into_sql().ok()).collect()
                    }
                    _ => values_of(engine, arrays),
                }
            }
        }
    }
}

impl Select {
    /// The statement for whole rows, and its values.
    pub(crate) fn sql(
        &self,
        engine: Engine,
        verb: Verb,
        cache: &SqlCache,
    ) -> Result<(Arc<str>, Values)> {
        self.check_values(engine)?;
        let mut fingerprint = Fingerprint::on(engine);
        fingerprint.0.extend_from_slice(&[3, verb as usize]);
        let values = fingerprint.filtered(self).and_then(|()| self.sent_values(engine));
        fingerprint.sql(values, cache, || rows(engine, self, verb))
    }

    /// Makes sure that there are not too many values before they are written, which takes time and
    /// room.
    pub(crate) fn check_values(&self, engine: Engine) -> Result<()> {
        let counted = match &self.predicate {
            Predicate::All(list) | Predicate::Any(list) => list.check(engine),
            other => check_values(engine, other.values_sent()),
        };
        counted.map_err(|error| error.entity_is(self.entity))
    }

    /// How the rows are brought with what is included. The plan is kept where values are all that
    /// queries of this fingerprint differ in.
    pub(crate) fn plan(
        &self,
        engine: Engine,
        verb: Verb,
        reach: Reach,
        includes: Inclusions,
        cache: &SqlCache,
    ) -> OwnOrKept {
        let told = self.told().count();
        if includes.is_empty() {
            return OwnOrKept::Own(Plan { from: told, ..Plan::BARE });
        }
        let plan = |includes: Inclusions, kept| {
            let rows = self.most_rows(verb);
            let bound = Bound {
                rows,
                in_hand: false,
                reach,
                kept,
                repeatable: reach.snapshot,
                are_targets: false,
            };
            let repeatable = reach.snapshot && !self.is_unknown() && !any_unknown(&includes, bound);
            let bound = if self.lock.strength.is_none() {
                Bound { repeatable, ..bound }
            } else {
                // What is locked is refused where it would be repeated, and not repeated below: it is
                // read as it is when it is locked, and not in a snapshot.
                let reach = Reach { high_latency: false, snapshot: false, ..reach };
                Bound { reach, repeatable: true, ..bound }
            };
            Plan::new(self.entity, includes, bound, &mut Layout::behind(told))
        };
        let mut fingerprint = Fingerprint::on(engine);
        let reached = usize::from(reach.high_latency) + 2 * usize::from(reach.snapshot);
        fingerprint.0.extend_from_slice(&[verb as usize, reached]);
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

    /// The values in the order in which the statement has them; `None` where one cannot be sent.
    fn sent_values(&self, engine: Engine) -> Option<Values> {
        let mut values = Values::new();
        if let Scope::Key { key, .. } = &self.scope {
            for part in key {
                values.push(part.clone().into_compared().ok()?);
            }
        }
        self.predicate.values(engine, &mut values)?;
        Some(values)
    }
}

impl Predicate {
    fn values(&self, engine: Engine, values: &mut Values) -> Option<()> {
        let value = match self {
            Self::Compare(left, _, right) => {
                for (operand, beside) in [(left, right), (right, left)] {
                    if let Operand::Parameter(parameter) = operand {
                        let parameter = parameter.clone();
                        let value = match beside.column() {
                            Some(field) => {
                                parameter.check_whole(field.property).ok()?;
                                parameter.into_compared()
                            }
                            None => parameter.into_sql(),
                        };
                        values.push(value.ok()?);
                    }
                }
                return Some(());
            }
            Self::In { field, values: among, .. } => {
                let array = Parameter::array(field.property.column_type, among.clone());
                array.check_whole(field.property).ok()?;
                match engine {
                    Engine::Postgres => array.into_compared_array().ok()?,
                    Engine::Sqlite => json_array(std::slice::from_ref(&array)).ok()?.into(),
                }
            }
            Self::Like { pattern, fold_case: true, .. } if engine == Engine::Sqlite => {
                folded(pattern).into()
            }
            Self::Like { pattern, .. } => pattern.as_str().into(),
            Self::All(list) | Self::Any(list) => {
                return list.iter().try_for_each(|one| one.values(engine, values));
            }
            Self::Not(inner) | Self::Untrue(inner) => return inner.values(engine, values),
            _ => return Some(()),
        };
        values.push(value);
        Some(())
    }
}

/// A statement that was just written. Its SQL is kept where values are all that can differ.
fn written(
    values: &Values,
    Lowered { sql, parameters }: Lowered,
    keep: impl FnOnce(Arc<str>),
) -> (Arc<str>, Values) {
    let sql: Arc<str> = sql.into();
    if parameters == values.as_slice() {
        keep(Arc::clone(&sql));
    }
    (sql, parameters.into())
}

/// Several keys in the order in which a statement has their arrays. `None` where one cannot be sent.
pub(crate) fn values_of(engine: Engine, arrays: &[Parameter]) -> Option<Values> {
    if engine == Engine::Sqlite {
        return Some(Values::from_iter([json_array(arrays).ok()?.into()]));
    }
    arrays.iter().map(|array| array.clone().into_compared_array().ok()).collect()
}

/// All that a statement is made of but its values, or a plan: equal shapes have equal SQL.
/// Definitions are told by where they are, which is forever.
struct Fingerprint(Vec<usize>);

thread_local! {
    /// The words of the last fingerprint, whose place the next one takes.
    static WORDS: Cell<Vec<usize>> = const { Cell::new(Vec::new()) };
}

impl Drop for Fingerprint {
    fn drop(&mut self) {
        if self.0.capacity() <= LONGEST {
            WORDS.set(std::mem::take(&mut self.0));
        }
    }
}

impl Fingerprint {
    fn new() -> Self {
        let mut words = WORDS.take();
        words.clear();
        Self(words)
    }

    fn on(engine: Engine) -> Self {
        let mut fingerprint = Self::new();
        fingerprint.0.push(engine as usize);
        fingerprint
    }

    /// The SQL of a statement of this fingerprint, and its values, where these are all that it is made of.
    fn sql(
        self,
        values: Option<Values>,
        cache: &SqlCache,
        lower: impl FnOnce() -> Result<Lowered>,
    ) -> Result<(Arc<str>, Values)> {
        let Some(values) = values else {
            let Lowered { sql, parameters } = lower()?;
            return Ok((sql.into(), parameters.into()));
        };
        if let Some(sql) = cache.shaped.get(&self.0) {
            return Ok((sql, values));
        }
        Ok(written(&values, lower()?, |sql| cache.shaped.keep(&self.0, &sql)))
    }

    /// Adds words, unless there is more to the statement than words tell.
    fn rows(&mut self, rows: Rows<'_>) -> Option<()> {
        let (kind, planned, keys) = match rows {
            Rows::Targets { planned, keys } => (1, planned, keys),
            Rows::Counts { planned, keys } => (2, planned, keys),
            Rows::Of { .. } => return None,
        };
        let Keys::Given(arrays) = keys else { return None };
        self.0.extend_from_slice(&[kind, arrays.len(), Given::of(planned, arrays) as usize]);
        self.planned(planned)
    }

    fn plan(&mut self, plan: &Plan) -> Option<()> {
        self.0.extend_from_slice(&[plan.from, plan.slots.len()]);
        for slot in &plan.slots {
            match slot {
                Some(planned) => self.planned(planned)?,
                None => self.0.push(0),
            }
        }
        Some(())
    }

    fn planned(&mut self, planned: &Planned) -> Option<()> {
        let Planned { relation, select, strategy, required, counted, target, .. } = planned;
        self.0.extend_from_slice(&[place_of(*relation), *strategy as usize]);
        self.0.extend_from_slice(&[usize::from(*required), usize::from(*counted)]);
        self.0.push(usize::from(planned.is_of_many()));
        self.select(select)?;
        self.plan(target)
    }

    fn includes(&mut self, includes: &[Inclusion]) -> Option<()> {
        self.0.push(includes.len());
        for Inclusion { relation, select, strategy, required, counted } in includes {
            let strategy = strategy.map_or(0, |strategy| strategy as usize + 1);
            self.0.extend_from_slice(&[place_of(*relation), strategy]);
            self.0.extend_from_slice(&[usize::from(*required), usize::from(*counted)]);
            self.0.push(usize::from(select.is_some()));
            if let Some(select) = select {
                self.select(select)?;
                self.includes(&select.includes)?;
            }
        }
        Some(())
    }

    /// What a statement starts from: what is joined to it holds no values.
    fn filtered(&mut self, select: &Select) -> Option<()> {
        self.plain(select)?;
        self.predicate(&select.predicate)
    }

    fn select(&mut self, select: &Select) -> Option<()> {
        matches!(select.predicate, Predicate::Always).then(|| self.plain(select))?
    }

    fn predicate(&mut self, predicate: &Predicate) -> Option<()> {
        match predicate {
            Predicate::Always => self.0.push(0),
            Predicate::Compare(left, comparison, right) => {
                self.0.extend_from_slice(&[1, *comparison as usize]);
                self.operand(left)?;
                self.operand(right)?;
            }
            Predicate::In { field, values, negated } => {
                let many = values.len() > FEW_KEYS;
                self.0.extend_from_slice(&[2, usize::from(*negated), usize::from(many)]);
                self.field(*field);
            }
            Predicate::Like { pattern, .. } if has_nul(pattern) => return None,
            Predicate::Like { field, fold_case, .. } => {
                self.0.extend_from_slice(&[3, usize::from(*fold_case)]);
                self.field(*field);
            }
            Predicate::Null { term, negated } => {
                self.0.extend_from_slice(&[4, usize::from(*negated)]);
                self.term(term)?;
            }
            Predicate::All(list) => self.list(5, list)?,
            Predicate::Any(list) => self.list(6, list)?,
            Predicate::Not(inner) => {
                self.0.push(7);
                self.predicate(inner)?;
            }
            Predicate::Untrue(inner) => {
                self.0.push(8);
                self.predicate(inner)?;
            }
            _ => return None,
        }
        Some(())
    }

    fn list(&mut self, kind: usize, list: &List) -> Option<()> {
        self.0.extend_from_slice(&[kind, list.len()]);
        list.iter().try_for_each(|one| self.predicate(one))
    }

    fn operand(&mut self, operand: &Operand) -> Option<()> {
        match operand {
            Operand::Term(term) => self.term(term),
            Operand::Parameter(_) => {
                self.0.push(0);
                Some(())
            }
        }
    }

    fn term(&mut self, term: &Term) -> Option<()> {
        match term {
            Term::Field(field) => {
                self.field(*field);
                Some(())
            }
            Term::RelationAggregate(_) | Term::Arithmetic(_) => None,
        }
    }

    fn field(&mut self, field: Field) {
        self.0.push(field.relations().count());
        self.0.extend(field.relations().map(place_of));
        self.0.push(place_of(field.property));
    }

    fn plain(&mut self, select: &Select) -> Option<()> {
        let Select { entity, scope, relation, orders, limit, offset, .. } = select;
        if select.anchor.is_some() || offset.is_some() || select.tells_order {
            return None;
        }
        let relation = relation.map_or(0, place_of);
        let limit = match *limit {
            Some(limit) if limit > WRITTEN_LIMIT => return None,
            Some(limit) => usize::try_from(limit).ok()? + 1,
            None => 0,
        };
        self.0.extend_from_slice(&[
            place_of(*entity),
            relation,
            limit,
            usize::from(select.distinct),
        ]);
        self.0
            .extend_from_slice(&[select.lock.strength.map_or(0, |strength| strength as usize + 1)]);
        self.0.push(select.lock.busy as usize);
        match scope {
            Scope::Table => self.0.push(0),
            Scope::Key { properties, .. } => {
                self.0.extend_from_slice(&[1, properties.as_ptr().addr(), properties.len()]);
            }
            Scope::Linked(_) | Scope::TargetsOfId(_) | Scope::Nothing => return None,
        }
        self.0.push(orders.len());
        for by in orders {
            self.term(&by.term)?;
            self.0.extend_from_slice(&[by.nulls as usize, usize::from(by.descending)]);
        }
        Some(())
    }
}

/// Where something is that stays there.
fn place_of<T>(definition: &'static T) -> usize {
    std::ptr::from_ref(definition).addr()
}
