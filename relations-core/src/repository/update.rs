//! Changes of one row, by its id.

use crate::engine::{Executor, Operation, Statement, execute};
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::private::Kept;
use crate::query::{Assignment, Scope, Select, lower};
use crate::value::Key;

/// Writes every property of an entity but its id to the row with that id.
pub(crate) async fn update<E: Entity>(entity: &E, db: &impl Executor) -> Result<()> {
    let definition = E::DEFINITION;
    let key = entity.id().to_parameters();
    let select =
        Select::new(definition, Scope::Key { properties: E::ID_PROPERTIES, key: key.clone() });
    let (ids, mut assignments): (Vec<_>, Vec<_>) = definition
        .properties
        .iter()
        .zip(entity.parameters())
        .map(|(property, parameter)| Assignment { property, parameter })
        .partition(|one| one.property.id);
    let found = if assignments.is_empty() {
        // An entity that is nothing but its id cannot change; it can still be gone.
        let lowered = lower::exists(db.engine(), &select)?;
        let statement = select.statement(Operation::Select, lowered);
        let there = crate::engine::fetch(db, &statement, |row| {
            crate::query::verb::value::<bool>(row, definition.table)
        });
        there.await?.contains(&true)
    } else {
        let sql = E::sql_cache().sql(db.engine(), Kept::Update, || {
            lower::update(db.engine(), &select, &assignments).map(|lowered| lowered.sql)
        })?;
        assignments.extend(ids);
        let statement = Statement::assigning(Operation::Update, definition, sql, assignments)?;
        execute(db, &statement).await.map_err(|error| error.key_is(&key))? > 0
    };
    if found { Ok(()) } else { Err(Error::new(Kind::NotFound).entity_is(definition).key_is(&key)) }
}
