//! The rows of a join table by which a source is linked to several targets.

use std::collections::HashSet;

use crate::ast::predicate::Predicate;
use crate::definition::property::PropertyDefinition;
use crate::definition::relation::ThroughDefinition;
use crate::dialect::{Dialect, Engine, StatementSql};
use crate::driver::assigned::Assigned;
use crate::driver::execute::execute;
use crate::driver::executor::Executor;
use crate::driver::statement::Statement;
use crate::driver::transaction::Transaction;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::query::Query;
use crate::relation::Relation;
use crate::relation::links::LinkChanges;
use crate::relation::observed_links::{have_keys, have_one_of, link_observed, unlink_observed};
use crate::relation::through::keys;
use crate::repository::observed::{observers, observing};
use crate::repository::tenant::filled;
use crate::sql::Lowered;
use crate::sql::cache::Kept;
use crate::sql::change::{Assignment, Returning};
use crate::sql::link;
use crate::sql::operation::Operation;
use crate::sql::spelling::json_array;
use crate::value::Value;
use crate::value::key::Key;
use crate::value::parameter::Parameter;

/// The meaning of a source or target without a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unkeyed {
    Refused,
    PassedOver,
}

/// Links from one source, each once.
pub(super) struct Links {
    through: &'static ThroughDefinition,
    properties: Vec<&'static PropertyDefinition>,
    /// The values of the properties in each link.
    values: Vec<Vec<Parameter>>,
    pub(super) count: usize,
}

impl Links {
    pub(super) fn of<'a, R: Relation>(
        through: &'static ThroughDefinition,
        source: &R::Source,
        targets: impl IntoIterator<Item = &'a R::Target>,
        unkeyed: Unkeyed,
    ) -> Result<Self> {
        let mut links = Self { through, properties: Vec::new(), values: Vec::new(), count: 0 };
        let mut met = HashSet::new();
        for target in targets {
            let keys = match keys::<R>(through, source, target) {
                Ok(keys) => keys,
                Err(_) if unkeyed == Unkeyed::PassedOver => continue,
                Err(why) => {
                    let error = Error::invalid_request(why).entity_is(through.link.definition());
                    return Err(error.relation_is(R::DEFINITION));
                }
            };
            let told: Vec<_> = keys.iter().map(|key| key.parameter.canonical()).collect();
            if !met.insert(told) {
                continue;
            }
            if links.count == 0 {
                links.properties = keys.iter().map(|key| key.property).collect();
                links.values = keys.iter().map(|_| Vec::new()).collect();
            }
            for (values, key) in links.values.iter_mut().zip(keys) {
                values.push(key.parameter);
            }
            links.count += 1;
        }
        Ok(links)
    }

    /// Makes these the only links of the source.
    pub(super) async fn replace<R: Relation>(
        &self,
        db: &Transaction,
        source: &R::Source,
        from: Option<Vec<Assignment>>,
    ) -> Result<LinkChanges> {
        if db.engine() == Engine::Postgres {
            Query::<R::Source>::by_id(&source.row_id()).locked().optional(db).await?;
        }
        let unlinked = match from {
            Some(from) => self.unlink::<R>(db, from, true).await?,
            None => 0,
        };
        let linked = self.link::<R>(db).await?;
        Ok(LinkChanges { linked, unlinked })
    }

    pub(super) async fn link<R: Relation>(&self, db: &impl Executor) -> Result<u64> {
        if self.count == 0 {
            return Ok(0);
        }
        let (dialect, through) = (db.dialect(), self.through);
        let engine = dialect.engine;
        let keys = &self.properties;
        let tenant =
            filled(db, through.link.definition(), |tenant| keys.iter().any(|key| key.is(tenant)))?;
        let write = |returning| match engine {
            Engine::Postgres => {
                let given: Vec<_> =
                    keys.iter().copied().chain(tenant.iter().map(|one| one.property)).collect();
                link::link_many(dialect, through, keys, &given, returning)
            }
            Engine::Sqlite => {
                let first = self.first();
                let given: Vec<_> = first.iter().chain(&tenant).cloned().collect();
                link::link(dialect, through, &first, &given, returning)
            }
        };
        let entity = through.link.definition();
        let observers = observing(db, entity);
        let kept = Kept::LinkMany(R::DEFINITION.name);
        let sql = match observers {
            None => sql::<R>(dialect, kept, || write(Returning::Nothing))?,
            Some(_) => write(Returning::Rows)?.sql,
        };
        // SQLite looks for a link as well whose keys are not its key.
        let repeats = engine == Engine::Sqlite && !through.is_key_of_link();
        let statement = self.statement::<R>(sql, tenant, repeats)?;
        match observers {
            None => execute(db, &statement).await,
            Some(observers) => link_observed(db, observers, entity, &statement).await,
        }
    }

    /// Removes these links, or all others of the source.
    pub(super) async fn unlink<R: Relation>(
        &self,
        db: &impl Executor,
        from: Vec<Assignment>,
        others: bool,
    ) -> Result<u64> {
        let link = self.through.link.definition();
        let Some(observers) = observers(db, link) else {
            return execute(db, &self.unlinking::<R>(db.dialect(), from, others)?).await;
        };
        let to: Vec<_> = self.to(&from).collect();
        let is_to = match (to.as_slice(), others) {
            ([], _) => Predicate::Always,
            (to, true) => have_one_of(link, to).not(),
            (to, false) => have_one_of(link, to),
        };
        unlink_observed(db, observers, link, have_keys(link, &from).and(is_to)).await
    }

    /// The properties of a link that are not those of the source, and their values.
    fn to<'a>(
        &'a self,
        from: &'a [Assignment],
    ) -> impl Iterator<Item = (&'static PropertyDefinition, &'a Vec<Parameter>)> {
        let is_from = |one: &PropertyDefinition| from.iter().any(|key| key.property.is(one));
        let all = self.properties.iter().copied().zip(&self.values);
        all.filter(move |(property, _)| !is_from(property))
    }

    /// The statement that removes these links, or all others of the source.
    fn unlinking<R: Relation>(
        &self,
        dialect: Dialect,
        from: Vec<Assignment>,
        others: bool,
    ) -> Result<Statement> {
        let properties: Vec<_> = self.to(&from).map(|(property, _)| property).collect();
        // Without links there are only others. If the key of the source is all that a link holds, then
        // there is one at most, which is among these.
        if properties.is_empty() {
            return unlink_all::<R>(dialect, self.through, from);
        }
        let kept = Kept::UnlinkSome { relation: R::DEFINITION.name, others };
        let sql = sql::<R>(dialect, kept, || {
            link::unlink_some(dialect, self.through, &from, &properties, others)
        })?;
        let arrays: Vec<_> = self
            .to(&from)
            .map(|(property, values)| Parameter::array(property.column_type, values.clone()))
            .collect();
        let link = self.through.link.definition();
        let mut statement = Assigned::new(link).compared(from)?.statement(Operation::Delete, sql);
        if dialect.engine == Engine::Sqlite {
            let json = json_array(&arrays).map_err(|error| error.entity_is(link))?;
            let json = Value::to_parameter(&json).into_sql();
            statement.parameters.push(json.map_err(Error::invalid_request)?);
        } else {
            let is_one = arrays.len() == 1;
            for array in arrays {
                let value = if is_one { array.into_compared_array() } else { array.into_sql() };
                statement.parameters.push(value.map_err(Error::invalid_request)?);
            }
        }
        Ok(statement.about(link, Some(R::DEFINITION)))
    }

    /// The keys of the first link.
    fn first(&self) -> Vec<Assignment> {
        let keys = self.properties.iter().zip(&self.values);
        let key = keys.filter_map(|(property, values)| {
            Some(Assignment { property, parameter: values.first()?.clone() })
        });
        key.collect()
    }

    /// The statement that makes all links, of which each value may be sent twice.
    fn statement<R: Relation>(
        &self,
        sql: StatementSql,
        tenant: Option<Assignment>,
        repeats: bool,
    ) -> Result<Statement> {
        let link = self.through.link.definition();
        let array = |(property, values): (&&'static PropertyDefinition, &Vec<Parameter>)| {
            (*property, Parameter::array(property.column_type, values.clone()))
        };
        let all = || self.properties.iter().zip(&self.values).map(array);
        let mut assigned = self.properties.clone();
        let tenant = tenant.map(|Assignment { property, parameter }| {
            assigned.push(property);
            (property, Parameter::array(property.column_type, vec![parameter; self.count]))
        });
        let parameters = all().chain(tenant).chain(all().filter(|_| repeats)).collect();
        let statement = Statement::inserting(link, sql, self.count, assigned, parameters)?;
        Ok(statement.about(link, Some(R::DEFINITION)))
    }
}

/// The key of a source in its links; none if it is null.
pub(super) fn from_key<R: Relation>(
    through: &ThroughDefinition,
    source: &R::Source,
) -> Option<Vec<Assignment>> {
    let key = R::key(source)?.to_parameters();
    let properties = through.key_from(R::DEFINITION.key_from).zip(key);
    Some(properties.map(|(property, parameter)| Assignment { property, parameter }).collect())
}

/// The statement that removes all links of a source.
pub(super) fn unlink_all<R: Relation>(
    dialect: Dialect,
    through: &ThroughDefinition,
    from: Vec<Assignment>,
) -> Result<Statement> {
    let link = through.link.definition();
    let sql = R::Source::sql_cache().sql(dialect, Kept::UnlinkAll(R::DEFINITION.name), || {
        link::unlink(dialect, through, &from).map(|lowered| lowered.sql)
    })?;
    let statement = Assigned::new(link).compared(from)?.statement(Operation::Delete, sql);
    Ok(statement.about(link, Some(R::DEFINITION)))
}

/// The SQL of a kind, which is kept with the source.
fn sql<R: Relation>(
    dialect: Dialect,
    kept: Kept,
    write: impl FnOnce() -> Result<Lowered>,
) -> Result<StatementSql> {
    R::Source::sql_cache().sql(dialect, kept, || write().map(|lowered| lowered.sql))
}
