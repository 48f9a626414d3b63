//! Rows that are made, changed and removed.

use sea_query::{Alias, DeleteStatement, InsertStatement, ReturningClause, UpdateStatement};

use super::place::table;
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
    let writer = Writer { engine };
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
    let writer = Writer { engine };
    let mut statement = UpdateStatement::new();
    statement.table(table(select.entity));
    for one in assignments {
        let value = writer.parameter(select.entity, one.property, &one.parameter)?;
        statement.value(Alias::new(one.property.column), value);
    }
    for condition in writer.conditions(select)? {
        statement.and_where(condition);
    }
    Ok(writer.write(&statement))
}

/// The removal of every row that a query means.
pub(crate) fn delete(engine: Engine, select: &Select) -> Result<Lowered> {
    let writer = Writer { engine };
    let mut statement = DeleteStatement::new();
    statement.from_table(table(select.entity));
    for condition in writer.conditions(select)? {
        statement.and_where(condition);
    }
    Ok(writer.write(&statement))
}

fn returning(entity: &EntityDefinition) -> ReturningClause {
    let columns = entity.properties.iter().map(|property| Alias::new(property.column));
    sea_query::Returning::new().columns(columns)
}
