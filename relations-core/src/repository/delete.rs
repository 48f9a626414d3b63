//! The removal of one row, by its id.

use crate::engine::{Executor, Operation, Statement, execute};
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::private::Kept;
use crate::query::{Scope, Select, lower};
use crate::value::Key;

/// Deletes the row with the id of an entity.
pub(crate) async fn delete<E: Entity>(entity: &E, db: &impl Executor) -> Result<()> {
    let definition = E::DEFINITION;
    let key = entity.id().to_parameters();
    let sql = E::sql_cache().sql(db.engine(), Kept::Delete, || {
        let scope = Scope::Key { properties: E::ID_PROPERTIES, key: key.clone() };
        lower::delete(db.engine(), &Select::new(definition, scope)).map(|lowered| lowered.sql)
    })?;
    let parameters = key.iter().map(|part| part.clone().into_sql()).collect::<Result<_, _>>();
    let parameters = parameters.map_err(|why| Error::refused(why).entity_is(definition))?;
    let statement = Statement::new(Operation::Delete, sql, parameters).about(definition, None);
    let gone = || Error::new(Kind::NotFound).entity_is(definition).key_is(&key);
    match execute(db, &statement).await {
        Ok(0) => Err(gone()),
        Ok(_) => Ok(()),
        Err(error) => Err(error.key_is(&key)),
    }
}
