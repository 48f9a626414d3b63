//! The value of a tenant, which an executor gives to each statement.

use std::sync::Arc;

use sea_query::Value as SqlValue;

use crate::definition::entity::EntityDefinition;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::dialect::Tenancy;
use crate::driver::statement::Statement;
use crate::error::{Error, Result};
use crate::sql::operation::Operation;
use crate::value::Value;
use crate::value::parameter::Parameter;
use crate::value::untyped::{text_of_untyped, typed, untyped};

/// A tenant, as rows hold it and as statements compare with it.
#[doc(hidden)]
#[derive(Debug, PartialEq)]
pub struct TenantValue {
    pub(crate) column_type: ColumnType,
    pub(crate) parameter: Parameter,
    /// The value that is compared; why, where it cannot be sent.
    compared: Result<SqlValue, String>,
}

impl TenantValue {
    pub(super) fn of<V: Value>(value: V) -> Self {
        let parameter = value.into_parameter();
        let compared = parameter.clone().into_sql().map(untyped);
        Self { column_type: V::TYPE, parameter, compared }
    }

    /// Gives a statement the value of the tenant, if it was written for one and writes rows of no other.
    pub(crate) fn bind(&self, statement: &Statement) -> Result<()> {
        match statement.sql.tenancy {
            // It has no condition of a tenant, but a setting may tell the server the tenant.
            Tenancy::Exempt => return self.give(statement),
            Tenancy::Of(column_type) if column_type == self.column_type => {}
            _ if statement.operation() == Operation::Raw => {
                return Err(Error::invalid_request(
                    "SQL of your own sees the rows of all tenants, and this executor has one \
                     tenant; add `.unscoped()` if this is intended, or use a query",
                ));
            }
            _ => {
                return Err(statement.explain(Error::invalid_request(
                    "the statement was not written for the tenant of this executor; forward \
                     `tenancy` in an executor that wraps another one",
                )));
            }
        }
        self.check_written(statement)?;
        self.give(statement)
    }

    /// The tenant as statements compare with it.
    pub(crate) fn compared(&self) -> Result<&SqlValue> {
        self.compared.as_ref().map_err(|why| Error::invalid_request(format!("the tenant {why}")))
    }

    /// Gives a statement the tenant.
    fn give(&self, statement: &Statement) -> Result<()> {
        let value = self.compared().map_err(|error| statement.explain(error))?;
        if statement.tenant.get_or_init(|| value.clone()) == value {
            return Ok(());
        }
        Err(statement.explain(Error::invalid_request(
            "the statement was built for another tenant; build a new one",
        )))
    }

    /// Makes sure that the rows that a statement writes are the tenant's.
    fn check_written(&self, statement: &Statement) -> Result<()> {
        let operation = statement.operation();
        if !matches!(operation, Operation::Insert | Operation::Update) {
            return Ok(());
        }
        let Some((entity, tenant)) = statement.entity().and_then(|one| Some((one, one.tenant()?)))
        else {
            return Ok(());
        };
        let mut is_written = operation == Operation::Update;
        for (property, value) in statement.assigned.iter().zip(&statement.parameters) {
            if !property.is(tenant) {
                continue;
            }
            is_written = true;
            let is_own = match value {
                SqlValue::Array(_, Some(values)) if statement.rows.is_some() => {
                    values.iter().all(|value| self.is(typed(value)))
                }
                value => self.is(value),
            };
            if !is_own {
                return Err(statement.explain(other(entity, tenant)));
            }
        }
        if is_written {
            return Ok(());
        }
        Err(statement.explain(missing(entity.name, tenant.name)))
    }

    /// Makes sure that a value of a tenant's property is this tenant.
    pub(crate) fn check_own(
        &self,
        entity: &'static EntityDefinition,
        value: &Parameter,
    ) -> Result<()> {
        let is_own = value.clone().into_sql().is_ok_and(|value| self.is(&value));
        match entity.tenant().filter(|_| !is_own) {
            Some(tenant) => Err(other(entity, tenant).entity_is(entity)),
            None => Ok(()),
        }
    }

    /// Whether a value is this tenant.
    fn is(&self, value: &SqlValue) -> bool {
        match (self.compared.as_ref(), text_of_untyped(value)) {
            (Ok(own), Some(text)) => text_of_untyped(own) == Some(text),
            (Ok(own), None) => *own == untyped(value.clone()),
            (Err(_), _) => false,
        }
    }
}

/// The error of a row that is given another tenant.
fn other(entity: &EntityDefinition, tenant: &PropertyDefinition) -> Error {
    let (name, property) = (entity.name, tenant.name);
    Error::invalid_request(format!(
        "`{name}.{property}` is another tenant than that of this executor; leave it out, or use an \
         executor of that tenant",
    ))
}

/// The error of a new row without a tenant.
pub(crate) fn missing(entity: &str, property: &str) -> Error {
    Error::invalid_request(format!(
        "`{entity}.{property}` is the tenant of a row, and none is given; insert through \
         `db.tenant(…)`, or give it",
    ))
}

/// The rows that an executor sees, by their tenant; see [`Executor::tenancy`](crate::Executor::tenancy).
#[derive(Debug, Clone, Copy, Default)]
pub enum TenantRows<'db> {
    /// Rows of all tenants.
    #[default]
    All,
    /// Rows that belong to no tenant: one is required for all others.
    Tenantless,
    /// Rows of one tenant.
    #[doc(hidden)]
    Of(&'db TenantValue),
    /// None: two tenants were named, one within the other.
    Nested,
}

impl TenantRows<'_> {
    pub(crate) fn tenancy(self) -> Tenancy {
        match self {
            Self::All => Tenancy::Open,
            Self::Tenantless => Tenancy::Required,
            Self::Of(value) => Tenancy::Of(value.column_type),
            Self::Nested => Tenancy::Nested,
        }
    }
}

/// The rows that a transaction sees, by their tenant.
#[derive(Debug, Clone, Default)]
pub(crate) enum TransactionRows {
    #[default]
    All,
    Tenantless,
    Of(Arc<TenantValue>),
    Nested,
}

impl TransactionRows {
    pub(crate) fn rows(&self) -> TenantRows<'_> {
        match self {
            Self::All => TenantRows::All,
            Self::Tenantless => TenantRows::Tenantless,
            Self::Of(value) => TenantRows::Of(value),
            Self::Nested => TenantRows::Nested,
        }
    }

    /// Gives a statement the value of the tenant.
    pub(crate) fn bind(&self, statement: &Statement) -> Result<()> {
        match self {
            Self::Of(value) => value.bind(statement),
            Self::Tenantless => statement.check_scoped(),
            Self::All | Self::Nested => Ok(()),
        }
    }
}
