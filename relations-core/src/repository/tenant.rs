//! The tenant of new rows, which an executor of one fills in.

use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::driver::executor::Executor;
use crate::driver::tenant::{TenantRows, missing};
use crate::error::Result;
use crate::sql::change::Assignment;
use crate::value::parameter::Parameter;

/// Adds the tenant that an executor gives, in the order of the definition: SQL is kept for each set of
/// properties, and has its values in that order.
///
/// # Errors
///
/// The errors of [`filled`].
pub(crate) fn fill(
    given: &mut Vec<Assignment>,
    db: &impl Executor,
    entity: &'static EntityDefinition,
) -> Result<()> {
    let is_given = |tenant: &_| given.iter().any(|one: &Assignment| one.property.is(tenant));
    if let Some(tenant) = filled(db, entity, is_given)? {
        let later = entity.properties.iter().skip_while(|one| !one.is(tenant.property));
        let later: Vec<_> = later.collect();
        let is_later = |one: &Assignment| later.iter().any(|later| later.is(one.property));
        let at = given.iter().position(is_later).unwrap_or(given.len());
        given.insert(at, tenant);
    }
    Ok(())
}

/// The tenant that an executor gives to new rows of an entity which are not given one; `None` where the
/// entity has no tenant, or is given it.
///
/// # Errors
///
/// The executor is of no tenant.
pub(crate) fn filled(
    db: &impl Executor,
    entity: &'static EntityDefinition,
    is_given: impl Fn(&PropertyDefinition) -> bool,
) -> Result<Option<Assignment>> {
    let Some(property) = entity.tenant().filter(|tenant| !is_given(tenant)) else {
        return Ok(None);
    };
    match db.tenancy() {
        // A tenant of another type is refused when the statement is written.
        TenantRows::Of(value) => {
            let parameter = value.parameter.clone();
            let is_own = value.column_type == property.column_type;
            let parameter = if is_own { parameter } else { Parameter::null(property.column_type) };
            Ok(Some(Assignment { property, parameter }))
        }
        // The writer of the statement says which of both it is.
        TenantRows::Tenantless | TenantRows::Nested => {
            Ok(Some(Assignment { property, parameter: Parameter::null(property.column_type) }))
        }
        TenantRows::All => Err(missing(entity.name, property.name).entity_is(entity)),
    }
}
