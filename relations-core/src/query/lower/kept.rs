//! SQL that is written once and kept: that of statements which hold no values but keys.

use std::sync::Arc;

use sea_query::Value as SqlValue;

use super::include::{Given, Keys, Rows};
use super::{Lowered, WRITTEN_LIMIT};
use crate::engine::{Engine, json_array};
use crate::error::Result;
use crate::filter::{Predicate, Term};
use crate::include::{Plan, Planned};
use crate::private::SqlCache;
use crate::query::{Scope, Select};
use crate::value::Parameter;

impl Rows<'_> {
    /// The statement and its values.
    pub(crate) fn sql(self, engine: Engine, cache: &SqlCache) -> Result<(Arc<str>, Vec<SqlValue>)> {
        let mut shape = Shape(Vec::with_capacity(64));
        shape.0.push(engine as usize);
        let values = shape.rows(self).and_then(|()| self.values(engine));
        if let Some(values) = values {
            if let Some(sql) = cache.shaped(&shape.0) {
                return Ok((sql, values));
            }
            let Lowered { sql, parameters } = self.lower(engine)?;
            let sql: Arc<str> = sql.into();
            if parameters == values {
                cache.keep(shape.0, Arc::clone(&sql));
            }
            return Ok((sql, parameters));
        }
        let Lowered { sql, parameters } = self.lower(engine)?;
        Ok((sql.into(), parameters))
    }

    /// The values in the order in which the statement has them; `None` where one cannot be sent.
    fn values(self, engine: Engine) -> Option<Vec<SqlValue>> {
        let (planned, keys) = match self {
            Self::Of { select: Select { scope: Scope::Key { key, .. }, .. }, .. } => {
                return key.iter().map(|part| part.clone().into_sql().ok()).collect();
            }
            Self::Of { .. } => return Some(Vec::new()),
            Self::Targets { planned, keys } | Self::Counts { planned, keys } => (planned, keys),
        };
        match (keys, engine) {
            (Keys::Repeated { rows, .. }, _) => rows.values(engine),
            (Keys::Given(arrays), _) => {
                let paged = matches!(self, Self::Targets { .. }) && planned.is_paged();
                let joined = paged && engine == Engine::Postgres;
                if Given::keys(arrays) == Given::One && !joined {
                    return arrays.iter().map(|array| array.only().into_sql().ok()).collect();
                }
                values_of(engine, arrays, !joined)
            }
        }
    }
}

/// Several keys in the order in which a statement has their arrays: on PostgreSQL the leading one of
/// several parts stands alone beside them, if it does. `None` where one cannot be sent.
pub(crate) fn values_of(
    engine: Engine,
    arrays: &[Parameter],
    leading_alone: bool,
) -> Option<Vec<SqlValue>> {
    if engine == Engine::Sqlite {
        return Some(vec![json_array(arrays).ok()?.into()]);
    }
    let leading = arrays.first().filter(|_| arrays.len() > 1 && leading_alone);
    arrays.iter().chain(leading).map(|array| array.clone().into_sql().ok()).collect()
}

/// All that a statement is made of but its values: equal shapes have equal SQL. Definitions are
/// told by where they are, which is forever.
struct Shape(Vec<usize>);

impl Shape {
    /// Adds words, unless there is more to the statement than words tell.
    fn rows(&mut self, rows: Rows<'_>) -> Option<()> {
        match rows {
            Rows::Of { select, plan, verb } => {
                self.0.extend([0, verb as usize]);
                self.select(select)?;
                self.plan(plan)
            }
            Rows::Targets { planned, keys } => {
                self.0.push(1);
                self.planned(planned)?;
                self.keys(keys)
            }
            Rows::Counts { planned, keys } => {
                self.0.push(2);
                self.planned(planned)?;
                self.keys(keys)
            }
        }
    }

    fn keys(&mut self, keys: Keys<'_>) -> Option<()> {
        match keys {
            Keys::Given(arrays) => {
                self.0.extend([0, arrays.len(), Given::keys(arrays) as usize]);
            }
            Keys::Repeated { rows, source, from } => {
                self.0.extend([1, place_of(source), from]);
                self.rows(*rows)?;
            }
        }
        Some(())
    }

    fn plan(&mut self, plan: &Plan) -> Option<()> {
        self.0.extend([plan.from, plan.slots.len()]);
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
        self.0.extend([place_of(*relation), *strategy as usize]);
        self.0.extend([usize::from(*required), usize::from(*counted)]);
        self.0.push(usize::from(planned.is_of_many()));
        self.select(select)?;
        self.plan(target)
    }

    fn select(&mut self, select: &Select) -> Option<()> {
        let Select { entity, scope, relation, predicate, orders, limit, offset, .. } = select;
        let narrowed = !matches!(predicate, Predicate::Always) || select.anchor.is_some();
        if narrowed || offset.is_some() || select.tells_order {
            return None;
        }
        let relation = relation.map_or(0, place_of);
        let limit = match *limit {
            Some(limit) if limit > WRITTEN_LIMIT => return None,
            Some(limit) => usize::try_from(limit).ok()? + 1,
            None => 0,
        };
        self.0.extend([place_of(*entity), relation, limit, usize::from(select.distinct)]);
        self.0.extend([select.lock.strength.map_or(0, |strength| strength as usize + 1)]);
        self.0.push(select.lock.busy as usize);
        match scope {
            Scope::Table => self.0.push(0),
            Scope::Key { properties, .. } => {
                self.0.extend([1, properties.as_ptr().addr(), properties.len()]);
            }
            Scope::Linked(_) | Scope::TargetsOfId(_) | Scope::Nothing => return None,
        }
        self.0.push(orders.len());
        for by in orders {
            let Term::Field(field) = &by.term else { return None };
            self.0.extend(field.relations().map(place_of));
            self.0.extend([place_of(field.property), by.nulls as usize]);
            self.0.push(usize::from(by.descending));
        }
        Some(())
    }
}

/// Where something is that stays there.
fn place_of<T>(definition: &'static T) -> usize {
    std::ptr::from_ref(definition).addr()
}
