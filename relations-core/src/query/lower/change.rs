//! Rows that are made, changed and removed.

use sea_query::{
    Alias, DeleteStatement, Expr, InsertStatement, ReturningClause, SelectStatement,
    UpdateStatement,
};

use super::place::{Place, Places, is_among, table};
use super::{Lowered, Writer};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::meta::{EntityDefinition, PropertyDefinition};
use crate::query::Select;
use crate::value::Parameter;

/// What one property becomes in an update.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Assignment {
    pub(crate) property: &'static PropertyDefinition,
    pub(crate) parameter: Parameter,
}

/// One new row of the given properties, which comes back whole.
pub(crate) fn insert(
    engine: Engine,
    entity: &'static EntityDefinition,
    assignments: &[Assignment],
) -> Result<Lowered> {
    let writer = Writer::new(engine, entity);
    let mut statement = InsertStatement::new();
    statement.into_table(table(entity));
    if assignments.is_empty() {
        statement.or_default_values();
    } else {
        statement.columns(assignments.iter().map(|one| Alias::new(one.property.column)));
        let values: Result<Vec<_>> = assignments
            .iter()
            .map(|one| writer.parameter(entity, one.property, &one.parameter))
            .collect();
        statement.values(values?).map_err(|error| Error::refused(error.to_string()))?;
    }
    statement.returning(returning(entity));
    Ok(writer.write(&statement))
}

/// A change of every row that a query means.
pub(crate) fn update(
    engine: Engine,
    select: &Select,
    assignments: &[Assignment],
) -> Result<Lowered> {
    let writer = Writer::new(engine, select.entity);
    let mut places = Places::new(&writer, Place::table_of(select.entity));
    let mut statement = UpdateStatement::new();
    statement.table(places.root.table());
    for one in assignments {
        let value = writer.parameter(select.entity, one.property, &one.parameter)?;
        statement.value(Alias::new(one.property.column), value);
    }
    for condition in rows_to_change(&mut places, select)? {
        statement.and_where(condition);
    }
    Ok(writer.write(&statement))
}

/// The removal of every row that a query means.
pub(crate) fn delete(engine: Engine, select: &Select) -> Result<Lowered> {
    let writer = Writer::new(engine, select.entity);
    let mut places = Places::new(&writer, Place::table_of(select.entity));
    let mut statement = DeleteStatement::new();
    statement.from_table(places.root.table());
    for condition in rows_to_change(&mut places, select)? {
        statement.and_where(condition);
    }
    Ok(writer.write(&statement))
}

/// Which rows are changed: those that the query means, or those with their ids where other tables
/// have to be joined to tell, which a change has no place for.
fn rows_to_change(places: &mut Places<'_>, select: &Select) -> Result<Vec<Expr>> {
    let conditions = places.conditions(select)?;
    if !places.has_joins() {
        return Ok(conditions);
    }
    let mut ids = SelectStatement::new();
    ids.exprs(places.root.id()).from(places.root.table());
    places.join_to(&mut ids);
    for condition in conditions {
        ids.and_where(condition);
    }
    Ok(vec![is_among(places.root.id(), ids)])
}

fn returning(entity: &EntityDefinition) -> ReturningClause {
    let columns = entity.properties.iter().map(|property| Alias::new(property.column));
    sea_query::Returning::new().columns(columns)
}
