//! The fingerprint of a statement, and its values, in one walk through it.
//!
//! Statements of one fingerprint have one SQL and differ in their values only. The words of the
//! fingerprint and the values come from the same walk, [`StatementWalk`], so that their orders cannot differ.

use std::cell::Cell;

use sea_query::Value as SqlValue;

use crate::ast::inclusion::Inclusion;
use crate::ast::list::List;
use crate::ast::predicate::Predicate;
use crate::ast::scope::SelectScope;
use crate::ast::select::Select;
use crate::ast::term::{Field, Operand, Term};
use crate::dialect::{Dialect, Engine};
use crate::plan::strategy::FEW_KEYS;
use crate::plan::tree::{Planned, RowPlan};
use crate::sql::WRITTEN_LIMIT;
use crate::sql::cache::LONGEST;
use crate::sql::include::{EntityStatement, Given, Keys};
use crate::sql::predicate::folded;
use crate::sql::spelling::json_array;
use crate::value::parameter::{Parameter, Values, has_nul};

/// All of a statement or a plan but the values: equal fingerprints have equal SQL. A definition is
/// told by its address, which never changes.
pub(crate) struct Fingerprint(pub(crate) Vec<usize>);

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

    pub(crate) fn on(dialect: Dialect) -> Self {
        let mut fingerprint = Self::new();
        fingerprint.0.push(dialect.word());
        fingerprint
    }
}

impl StatementWalk for Fingerprint {
    fn word(&mut self, word: usize) {
        self.0.push(word);
    }

    fn words<const N: usize>(&mut self, words: [usize; N]) {
        self.0.extend_from_slice(&words);
    }

    fn values(&mut self, _: impl FnOnce(Engine) -> Option<Values>) -> Option<()> {
        Some(())
    }

    fn value(&mut self, _: impl FnOnce(Engine) -> Option<SqlValue>) -> Option<()> {
        Some(())
    }
}

/// The word of a value of a link, beside the number of relations that lead to a column.
const OF_LINK: usize = usize::MAX - 1;

/// The values of a statement, in the order of its placeholders.
pub(crate) struct BoundValues {
    pub(crate) engine: Engine,
    pub(crate) values: Values,
}

impl BoundValues {
    pub(crate) fn on(engine: Engine) -> Self {
        Self { engine, values: Values::new() }
    }
}

impl StatementWalk for BoundValues {
    fn word(&mut self, _: usize) {}

    fn words<const N: usize>(&mut self, _: [usize; N]) {}

    fn values(&mut self, values: impl FnOnce(Engine) -> Option<Values>) -> Option<()> {
        let values = values(self.engine)?;
        if self.values.is_empty() {
            self.values = values;
        } else {
            self.values.extend(values);
        }
        Some(())
    }

    fn value(&mut self, value: impl FnOnce(Engine) -> Option<SqlValue>) -> Option<()> {
        self.values.push(value(self.engine)?);
        Some(())
    }
}

/// The fingerprint of a statement together with its values.
pub(crate) struct Both {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) sent: BoundValues,
}

impl Both {
    pub(crate) fn on(dialect: Dialect) -> Self {
        Self { fingerprint: Fingerprint::on(dialect), sent: BoundValues::on(dialect.engine) }
    }
}

impl StatementWalk for Both {
    fn word(&mut self, word: usize) {
        self.fingerprint.word(word);
    }

    fn words<const N: usize>(&mut self, words: [usize; N]) {
        self.fingerprint.words(words);
    }

    fn values(&mut self, values: impl FnOnce(Engine) -> Option<Values>) -> Option<()> {
        self.sent.values(values)
    }

    fn value(&mut self, value: impl FnOnce(Engine) -> Option<SqlValue>) -> Option<()> {
        self.sent.value(value)
    }
}

/// The walk through a statement in the order of its SQL. Each part gives words or values; the walk
/// ends with `None` where neither says all, or where a value cannot be sent.
pub(crate) trait StatementWalk: Sized {
    fn word(&mut self, word: usize);

    fn words<const N: usize>(&mut self, words: [usize; N]);

    fn values(&mut self, values: impl FnOnce(Engine) -> Option<Values>) -> Option<()>;

    fn value(&mut self, value: impl FnOnce(Engine) -> Option<SqlValue>) -> Option<()>;

    /// The targets, or their numbers, by keys that are given.
    fn rows(&mut self, rows: EntityStatement<'_>) -> Option<()> {
        let (kind, planned, keys) = match rows {
            EntityStatement::Targets { planned, keys } => (1, planned, keys),
            EntityStatement::Counts { planned, keys } => (2, planned, keys),
            EntityStatement::Of { .. } => return None,
        };
        let Keys::Given(arrays) = keys else { return None };
        self.words([kind, arrays.len(), Given::of(planned, arrays) as usize]);
        self.planned(planned)?;
        self.sent(rows)
    }

    /// The values of rows whose words are told by their plan.
    fn sent(&mut self, rows: EntityStatement<'_>) -> Option<()> {
        let (planned, keys) = match rows {
            EntityStatement::Of { select, .. } => return self.filtered(select),
            EntityStatement::Targets { planned, keys }
            | EntityStatement::Counts { planned, keys } => (planned, keys),
        };
        let arrays = match keys {
            Keys::Repeated { rows, .. } => return self.sent(*rows),
            Keys::Given(arrays) => arrays,
        };
        self.values(|engine| {
            let paged =
                matches!(rows, EntityStatement::Targets { .. }) && planned.is_paged_by_key();
            let joined = paged && engine == Engine::Postgres || keys.are_joined(planned);
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
        })
    }

    fn plan(&mut self, plan: &RowPlan) -> Option<()> {
        self.words([plan.from, plan.slots.len()]);
        for slot in &plan.slots {
            match slot {
                Some(planned) => self.planned(planned)?,
                None => self.word(0),
            }
        }
        Some(())
    }

    fn planned(&mut self, planned: &Planned) -> Option<()> {
        let Planned { relation, select, strategy, required, counted, target, .. } = planned;
        self.words([place_of(*relation), *strategy as usize]);
        self.words([usize::from(*required), usize::from(*counted)]);
        self.word(usize::from(planned.is_of_many()));
        self.select(select)?;
        self.plan(target)
    }

    fn includes(&mut self, includes: &[Inclusion]) -> Option<()> {
        self.word(includes.len());
        for Inclusion { relation, select, strategy, required, counted, total, named } in includes {
            let strategy = strategy.map_or(0, |strategy| strategy as usize + 1);
            self.words([place_of(*relation), strategy]);
            self.words([usize::from(*required), usize::from(*counted), usize::from(*total)]);
            self.words([named.map_or(0, |named| std::ptr::from_ref(named).addr())]);
            self.word(usize::from(select.is_some()));
            if let Some(select) = select {
                self.select(select)?;
                self.includes(&select.includes)?;
            }
        }
        Some(())
    }

    /// The query of a statement. Joined relations hold no values.
    fn filtered(&mut self, select: &Select) -> Option<()> {
        self.plain(select)?;
        self.predicate(&select.predicate)
    }

    fn select(&mut self, select: &Select) -> Option<()> {
        matches!(select.predicate, Predicate::Always).then(|| self.plain(select))?
    }

    fn predicate(&mut self, predicate: &Predicate) -> Option<()> {
        match predicate {
            Predicate::Always => self.word(0),
            Predicate::Compare(left, comparison, right) => {
                self.words([1, *comparison as usize]);
                self.operand(left, right)?;
                self.operand(right, left)?;
            }
            Predicate::In { term: Term::Field(field), values, negated } => {
                let many = values.len() > FEW_KEYS;
                self.words([2, usize::from(*negated), usize::from(many)]);
                self.field(*field);
                self.value(|engine| {
                    let array = Parameter::array(field.property.column_type, values.clone());
                    array.check_whole(field.property).ok()?;
                    match engine {
                        Engine::Postgres => array.into_compared_array().ok(),
                        Engine::Sqlite => {
                            Some(json_array(std::slice::from_ref(&array)).ok()?.into())
                        }
                    }
                })?;
            }
            Predicate::Like { pattern, .. } if has_nul(pattern) => return None,
            Predicate::Like { term: Term::Field(field), pattern, fold_case } => {
                self.words([3, usize::from(*fold_case)]);
                self.field(*field);
                self.value(|engine| match engine {
                    Engine::Sqlite if *fold_case => Some(folded(pattern).into()),
                    Engine::Postgres | Engine::Sqlite => Some(pattern.as_str().into()),
                })?;
            }
            Predicate::Null { term, negated } => {
                self.words([4, usize::from(*negated)]);
                self.term(term)?;
            }
            Predicate::All(list) => self.list(5, list)?,
            Predicate::Any(list) => self.list(6, list)?,
            Predicate::Not(inner) => {
                self.word(7);
                self.predicate(inner)?;
            }
            Predicate::Untrue(inner) => {
                self.word(8);
                self.predicate(inner)?;
            }
            _ => return None,
        }
        Some(())
    }

    fn list(&mut self, kind: usize, list: &List) -> Option<()> {
        self.words([kind, list.len()]);
        list.iter().try_for_each(|one| self.predicate(one))
    }

    /// A side of a comparison, beside the other one: a value beside a column is compared as that
    /// holds it.
    fn operand(&mut self, operand: &Operand, beside: &Operand) -> Option<()> {
        match operand {
            Operand::Term(term) => self.term(term),
            Operand::Parameter(parameter) => {
                self.word(0);
                self.value(|_| match beside.column() {
                    Some(field) => {
                        parameter.check_whole(field.property).ok()?;
                        parameter.clone().into_compared().ok()
                    }
                    None => parameter.clone().into_sql().ok(),
                })
            }
        }
    }

    fn term(&mut self, term: &Term) -> Option<()> {
        match term {
            Term::Field(field) => {
                self.field(*field);
                Some(())
            }
            Term::OfLink(term) => {
                self.word(OF_LINK);
                self.term(term)
            }
            Term::RelationAggregate(_) | Term::Arithmetic(_) | Term::Call(_) => None,
        }
    }

    fn field(&mut self, field: Field) {
        // A query that names the new row of an upsert is refused, so none has its SQL.
        self.word(if field.excluded { usize::MAX } else { field.relations().count() });
        field.relations().for_each(|relation| self.word(place_of(relation)));
        self.word(place_of(field.property));
    }

    fn plain(&mut self, select: &Select) -> Option<()> {
        let Select { entity, scope, relation, orders, limit, offset, .. } = select;
        let is_common = select.anchor.is_none() && select.links.is_none() && offset.is_none();
        if !is_common || select.tells_order {
            return None;
        }
        self.words(select.visible.words());
        let relation = relation.map_or(0, place_of);
        let limit = match *limit {
            Some(limit) if limit > WRITTEN_LIMIT => return None,
            Some(limit) => usize::try_from(limit).ok()? + 1,
            None => 0,
        };
        self.words([place_of(*entity), relation, limit, usize::from(select.distinct)]);
        let columns = select.columns.map_or((0, 0), |all| (all.as_ptr().addr(), all.len()));
        self.words([columns.0, columns.1]);
        self.words([select.lock.strength.map_or(0, |strength| strength as usize + 1)]);
        self.word(select.lock.busy as usize);
        match scope {
            SelectScope::Table => self.word(0),
            SelectScope::Key { properties, key, .. } => {
                self.words([1, properties.as_ptr().addr(), properties.len()]);
                for part in key {
                    self.value(|_| part.clone().into_compared().ok())?;
                }
            }
            SelectScope::Via(via) => {
                self.words([2, place_of(via.relation)]);
                self.filtered(&via.sources)?;
            }
            SelectScope::Array(_)
            | SelectScope::Linked(_)
            | SelectScope::TargetsOfId(_)
            | SelectScope::Nothing => {
                return None;
            }
        }
        self.word(orders.len());
        for by in orders {
            self.term(&by.term)?;
            self.words([by.nulls as usize, usize::from(by.descending)]);
        }
        Some(())
    }
}

/// Several keys in the order in which a statement has their arrays. `None` where one cannot be sent.
pub(crate) fn values_of(engine: Engine, arrays: &[Parameter]) -> Option<Values> {
    if engine == Engine::Sqlite {
        return Some(Values::from_iter([json_array(arrays).ok()?.into()]));
    }
    arrays.iter().map(|array| array.clone().into_compared_array().ok()).collect()
}

/// The address of a definition, which never changes.
fn place_of<T>(definition: &'static T) -> usize {
    std::ptr::from_ref(definition).addr()
}
