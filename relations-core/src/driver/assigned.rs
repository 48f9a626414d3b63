//! The values that a statement gives to properties.

use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::dialect::StatementSql;
use crate::driver::statement::{Statement, unsendable};
use crate::error::Result;
use crate::sql::change::Assignment;
use crate::sql::operation::Operation;
use crate::value::parameter::{Parameter, Values};

/// The values that a statement gives to properties of an entity, which are its first parameters.
pub(crate) struct Assigned {
    entity: &'static EntityDefinition,
    properties: Vec<&'static PropertyDefinition>,
    values: Values,
}

impl Assigned {
    /// Nothing yet.
    pub(crate) fn new(entity: &'static EntityDefinition) -> Self {
        let most = entity.properties.len() + 1;
        let (properties, values) = (Vec::with_capacity(most), Values::with_capacity(most));
        Self { entity, properties, values }
    }

    /// All of these.
    pub(crate) fn of(
        entity: &'static EntityDefinition,
        assignments: impl IntoIterator<Item = Assignment>,
    ) -> Result<Self> {
        let mut assigned = Self::new(entity);
        assignments.into_iter().try_for_each(|one| assigned.push(one))?;
        Ok(assigned)
    }

    pub(crate) fn push(&mut self, Assignment { property, parameter }: Assignment) -> Result<()> {
        let value = parameter.into_written(property);
        let value = value.map_err(|why| unsendable(self.entity, property, &why))?;
        self.properties.push(property);
        self.values.push(value);
        Ok(())
    }

    /// A value that a row is found by.
    pub(crate) fn push_compared(
        &mut self,
        Assignment { property, parameter }: Assignment,
    ) -> Result<()> {
        let whole = parameter.check_whole(property);
        let value = whole.and_then(|()| parameter.into_compared());
        self.values.push(value.map_err(|why| unsendable(self.entity, property, &why))?);
        self.properties.push(property);
        Ok(())
    }

    /// All values that rows are found by.
    pub(crate) fn compared(
        mut self,
        found_by: impl IntoIterator<Item = Assignment>,
    ) -> Result<Self> {
        found_by.into_iter().try_for_each(|one| self.push_compared(one))?;
        Ok(self)
    }

    /// Whether a property is given.
    pub(crate) fn gives(&self, property: &PropertyDefinition) -> bool {
        self.properties.iter().any(|one| one.is(property))
    }

    /// The properties that are given.
    pub(crate) fn properties(&self) -> impl Iterator<Item = &'static PropertyDefinition> {
        self.properties.iter().copied()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.properties.is_empty()
    }

    /// The given values, once more.
    pub(crate) fn assignments(&self) -> Vec<Assignment> {
        let each = self.properties.iter().zip(&self.values);
        each.map(|(property, value)| Assignment {
            property,
            parameter: Parameter::from_sql(value.clone()),
        })
        .collect()
    }

    /// The statement that gives it.
    pub(crate) fn statement(self, operation: Operation, sql: StatementSql) -> Statement {
        let Self { entity, properties, values } = self;
        let statement = Statement::new(operation, sql, values);
        Statement { entity: Some(entity), assigned: properties, ..statement }
    }
}
