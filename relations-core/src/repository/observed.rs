//! Writes of rows that are observed: each in a transaction, with what its observers do.

use std::collections::HashMap;
use std::sync::Arc;

use crate::ast::inclusion::Inclusions;
use crate::ast::lock::Strength;
use crate::ast::predicate::{Comparison, Predicate};
use crate::ast::scope::SelectScope;
use crate::ast::select::Select;
use crate::ast::term::{Field, Operand};
use crate::definition::entity::EntityDefinition;
use crate::definition::foreign_keys::Held;
use crate::definition::property::PropertyDefinition;
use crate::definition::soft_delete::SoftDeleteEffects;
use crate::definition::visible::Visible;
use crate::dialect::{Engine, Tenancy};
use crate::driver::acquired::EachRow;
use crate::driver::execute::{fetch, fetch_each};
use crate::driver::executor::Executor;
use crate::driver::observers::{ObservedRows, Observers};
use crate::driver::statement::Statement;
use crate::driver::transaction::Transaction;
use crate::error::{Error, Kind, Result};
use crate::query::execute::value;
use crate::sql::operation::Operation;
use crate::sql::referencing_rows::referencing_rows;
use crate::sql::{Verb, select};
use crate::value::parameter::Parameter;

/// Makes an empty list of an entity's rows.
pub(crate) type NoRows<'a> = &'a (dyn Fn() -> Box<dyn ObservedRows> + Send + Sync);

/// A change of rows, as an observer has to see it.
#[derive(Clone, Copy)]
pub(crate) struct RowChange<'a> {
    pub(crate) select: &'a Select,
    pub(crate) kind: ChangeKind<'a>,
    pub(crate) statement: ChangeStatement<'a>,
    pub(crate) none: NoRows<'a>,
}

#[derive(Clone, Copy)]
pub(crate) enum ChangeKind<'a> {
    Update,
    Delete,
    SoftDelete(&'a SoftDeleteEffects),
}

/// The statement that changes rows.
#[derive(Clone, Copy)]
pub(crate) enum ChangeStatement<'a> {
    /// It names each row by its id.
    ByIds(&'a Statement),
    /// It is written for the rows of a query.
    Of(&'a (dyn Fn(&Select) -> Result<Statement> + Send + Sync)),
}

/// The observers that a delete of an entity's rows concerns: it may change rows of theirs as well.
pub(crate) fn observers<'db>(
    db: &'db impl Executor,
    entity: &'static EntityDefinition,
) -> Option<&'db Arc<Observers>> {
    db.observers().filter(|observers| observers.concern(entity))
}

/// The observers that are shown the rows of an entity.
pub(crate) fn observing<'db>(
    db: &'db impl Executor,
    entity: &'static EntityDefinition,
) -> Option<&'db Arc<Observers>> {
    db.observers().filter(|observers| observers.observe(entity))
}

/// Makes sure that observers see all that a change of these properties does.
pub(crate) fn check_keys(
    db: &impl Executor,
    entity: &'static EntityDefinition,
    written: impl Iterator<Item = &'static PropertyDefinition>,
) -> Result<()> {
    db.observers().map_or(Ok(()), |observers| observers.check_keys(entity, written))
}

/// Changes rows, and shows them to their observers if there are some. Each row that the statement returns is
/// handed to a function, also of a change that is undone then.
pub(crate) async fn change_rows(
    db: &impl Executor,
    change: RowChange<'_>,
    each: EachRow<'_>,
) -> Result<u64> {
    let entity = change.select.entity;
    let is_update = matches!(change.kind, ChangeKind::Update);
    let concerned = if is_update { observing(db, entity) } else { observers(db, entity) };
    if let Some(observers) = concerned {
        let under_way = observers.within(entity)?;
        let tx = Box::pin(db.open_observed()).await?.observed_by(None);
        return Box::pin(observed_change(under_way, tx, change, each)).await;
    }
    match change.statement {
        ChangeStatement::ByIds(statement) => fetch_each(db, statement, each).await,
        ChangeStatement::Of(statement) => fetch_each(db, &statement(change.select)?, each).await,
    }
}

/// Inserts rows of an observed entity by a statement that returns all of their properties first.
pub(crate) async fn insert_observed(
    db: &impl Executor,
    observers: &Observers,
    statement: &Statement,
    mut rows: Box<dyn ObservedRows>,
    each: EachRow<'_>,
) -> Result<u64> {
    let Some(entity) = statement.entity() else {
        return Err(Error::invalid_request("an observed row is of an entity"));
    };
    let observers = observers.within(entity)?;
    let tx = Box::pin(db.open_observed()).await?.observed_by(None);
    let mut read = |row: &crate::value::row::Row<'_>| {
        rows.push(row)?;
        each(row)
    };
    let inserted = Box::pin(fetch_each(&tx, statement, &mut read)).await;
    let written = inserted.map(|count| (count, WrittenRows::inserted(rows)));
    Box::pin(told(observers, entity, tx, written)).await
}

/// Rows that were written, as their observers see them.
#[derive(Default)]
pub(crate) struct WrittenRows {
    pub(crate) inserted: Option<Box<dyn ObservedRows>>,
    pub(crate) updated: Option<[Box<dyn ObservedRows>; 2]>,
    pub(crate) deleted: Option<Box<dyn ObservedRows>>,
}

impl WrittenRows {
    fn inserted(rows: Box<dyn ObservedRows>) -> Self {
        Self { inserted: Some(rows), ..Self::default() }
    }
}

/// Tells observers what was written in a transaction, and ends it.
pub(crate) async fn told<T: Send>(
    observers: Observers,
    entity: &'static EntityDefinition,
    tx: Transaction,
    written: Result<(T, WrittenRows)>,
) -> Result<T> {
    let (result, written) = match written {
        Ok(written) => written,
        Err(error) => return tx.end_with(Err(error)).await,
    };
    let observers = Arc::new(observers);
    let tx = tx.observed_by(Some(Arc::clone(&observers)));
    let told = tell(&observers, entity, &tx, &written).await;
    tx.end_with(told.map(|()| result)).await
}

async fn tell(
    observers: &Observers,
    entity: &'static EntityDefinition,
    tx: &Transaction,
    written: &WrittenRows,
) -> Result<()> {
    for observer in observers.of(entity) {
        if let Some(rows) = written.inserted.as_deref().filter(|rows| rows.len() > 0) {
            observer.inserted(tx, rows).await?;
        }
        if let Some([before, after]) = &written.updated
            && before.len() > 0
        {
            observer.updated(tx, &**before, &**after).await?;
        }
        if let Some(rows) = written.deleted.as_deref().filter(|rows| rows.len() > 0) {
            observer.deleted(tx, rows).await?;
        }
    }
    Ok(())
}

async fn observed_change(
    observers: Observers,
    tx: Transaction,
    change: RowChange<'_>,
    each: EachRow<'_>,
) -> Result<u64> {
    let written = changed(&observers, &tx, change, each).await;
    told(observers, change.select.entity, tx, written).await
}

/// Reads and locks the rows of a change, changes them, and reads them again.
async fn changed(
    observers: &Observers,
    tx: &Transaction,
    change: RowChange<'_>,
    each: EachRow<'_>,
) -> Result<(u64, WrittenRows)> {
    let entity = change.select.entity;
    let before = locked(tx, change.select, change.none).await?;
    if before.len() == 0 {
        return Ok((0, WrittenRows::default()));
    }
    let rows = by_ids(entity, &before.parameters());
    for key in unseen(observers, entity, change.kind) {
        check_unreferenced(tx, &rows, key, change.kind).await?;
    }
    let count = match change.statement {
        ChangeStatement::ByIds(statement) => fetch_each(tx, statement, each).await?,
        ChangeStatement::Of(statement) => fetch_each(tx, &statement(&rows)?, each).await?,
    };
    if count == 0 {
        return Ok((0, WrittenRows::default()));
    }
    let given = before.len();
    if usize::try_from(count) != Ok(given) {
        let rows = given.saturating_sub(usize::try_from(count).unwrap_or(usize::MAX));
        return Err(Error::new(Kind::LeftOut { rows, given }).entity_is(entity));
    }
    let written = match change.kind {
        ChangeKind::Update => {
            let after = again(tx, &rows, &before.parameters(), change.none).await?;
            WrittenRows { updated: Some([before, after]), ..WrittenRows::default() }
        }
        ChangeKind::Delete | ChangeKind::SoftDelete(_) => {
            WrittenRows { deleted: Some(before), ..WrittenRows::default() }
        }
    };
    Ok((count, written))
}

/// The rows of a query, which no other transaction changes until this one ends.
pub(crate) async fn locked(
    tx: &Transaction,
    select: &Select,
    none: NoRows<'_>,
) -> Result<Box<dyn ObservedRows>> {
    let mut locked = select.clone();
    locked.orders.clear();
    locked.includes = Inclusions::default();
    // On SQLite a transaction that writes is alone from its beginning.
    locked.lock.strength = (tx.engine() == Engine::Postgres).then_some(Strength::Update);
    read(tx, &locked, none).await
}

async fn read(
    tx: &Transaction,
    select: &Select,
    none: NoRows<'_>,
) -> Result<Box<dyn ObservedRows>> {
    let mut rows = none();
    if select.is_empty() {
        return Ok(rows);
    }
    let statement = select.reading_statement(select::rows(tx.dialect(), select, Verb::All)?);
    fetch_each(tx, &statement, &mut |row| rows.push(row)).await?;
    Ok(rows)
}

/// The rows that were changed, in the order in which they were read before.
pub(crate) async fn again(
    tx: &Transaction,
    select: &Select,
    before: &[Vec<Parameter>],
    none: NoRows<'_>,
) -> Result<Box<dyn ObservedRows>> {
    let entity = select.entity;
    let after = read(tx, select, none).await?;
    let places: HashMap<Vec<String>, usize> =
        after.parameters().iter().enumerate().map(|(at, row)| (key(entity, row), at)).collect();
    let order: Option<Vec<usize>> =
        before.iter().map(|row| places.get(&key(entity, row)).copied()).collect();
    order.map(|order| after.only(&order)).ok_or_else(|| {
        let name = entity.name;
        Error::invalid_request(format!(
            "an observer of `{name}` is shown each row before and after a change, by its id, which this \
             would change as well; insert the row anew, and delete the old one",
        ))
        .entity_is(entity)
    })
}

/// The id of a row, to be compared with others.
pub(crate) fn key(entity: &EntityDefinition, row: &[Parameter]) -> Vec<String> {
    let ids = entity.properties.iter().zip(row).filter(|(property, _)| property.id);
    ids.map(|(_, parameter)| parameter.canonical()).collect()
}

/// The query of these rows by their ids, deleted or not.
pub(crate) fn by_ids(entity: &'static EntityDefinition, rows: &[Vec<Parameter>]) -> Select {
    let mut select = Select::new(entity, SelectScope::Table);
    select.visible = Visible::ALL;
    let ids = || entity.properties.iter().copied().enumerate().filter(|(_, one)| one.id);
    let only = ids().next().filter(|_| ids().count() == 1);
    select.predicate = if let Some((at, property)) = only {
        let values = rows.iter().filter_map(|row| row.get(at)).cloned().collect();
        Predicate::In { term: Field::of(entity, property).into(), values, negated: false }
    } else {
        let is_row = |row: &Vec<Parameter>| {
            let equal = ids().filter_map(|(at, property)| {
                let value = Operand::Parameter(row.get(at)?.clone());
                let column = Operand::Term(Field::of(entity, property).into());
                Some(Predicate::Compare(column, Comparison::Equal, value))
            });
            equal.fold(Predicate::Always, Predicate::and)
        };
        rows.iter().map(is_row).fold(Predicate::Never, Predicate::or)
    };
    select
}

/// The foreign keys by which a change would delete or change rows of which observers are told nothing.
fn unseen(
    observers: &Observers,
    entity: &'static EntityDefinition,
    kind: ChangeKind<'_>,
) -> Vec<Held> {
    match kind {
        ChangeKind::Update => Vec::new(),
        ChangeKind::Delete => observers.reaching(entity).collect(),
        ChangeKind::SoftDelete(effects) => {
            let refuses = |(source, relation): &Held| {
                effects
                    .refusing
                    .iter()
                    .any(|(one, other)| one.is(source) && other.name == relation.name)
            };
            let written: Vec<_> = effects.keys().filter(|key| !refuses(key)).collect();
            // Rows of which others go with them may take observed ones along.
            let is_unseen = |(source, _): &Held| {
                let leads_on = || {
                    let later =
                        written.iter().filter(|(_, one)| !one.target.definition().is(entity));
                    later.clone().any(|(one, _)| observers.observe(one))
                };
                observers.observe(source) || leads_on()
            };
            let first = written.iter().filter(|(_, one)| one.target.definition().is(entity));
            first.filter(|key| is_unseen(key)).copied().collect()
        }
    }
}

/// Makes sure that no rows reference others by a foreign key.
async fn check_unreferenced(
    tx: &Transaction,
    rows: &Select,
    key: Held,
    kind: ChangeKind<'_>,
) -> Result<()> {
    let (source, relation) = key;
    let (name, target) = (source.name, rows.entity.name);
    let is_of_all = matches!(tx.dialect().tenancy, Tenancy::Of(_))
        && source.tenant().is_some()
        && rows.entity.tenant().is_none();
    let seen = match kind {
        ChangeKind::SoftDelete(_) => Visible::NOT_DELETED,
        ChangeKind::Update | ChangeKind::Delete => Visible::ALL,
    };
    let referencing = if is_of_all {
        // Rows of other tenants are not seen.
        true
    } else if let Some(lowered) = referencing_rows(tx.dialect(), rows, &[key], seen)? {
        let statement = Statement::new(Operation::Select, lowered.sql, lowered.parameters.into());
        let statement = statement.about(rows.entity, None);
        let counts = fetch(tx, &statement, |row| value::<i64>(row, source.table)).await?;
        counts.into_iter().any(|count| count > 0)
    } else {
        true
    };
    if !referencing {
        return Ok(());
    }
    Err(Error::invalid_request(format!(
        "rows of `{name}` would be deleted or changed together with those of `{target}`, by `{name}.{}`, and \
         their observer would not see it; delete or change them first",
        relation.name,
    ))
    .entity_is(rows.entity)
    .relation_is(relation))
}
