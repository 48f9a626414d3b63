//! Unique keys that may hold at the end of a transaction alone, which only PostgreSQL has.

use crate::definition::constraint_names::{NamedConstraint, What, named};
use crate::definition::entity::EntityDefinition;
use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::sql::ddl::{column_list, escaped};

/// A table of PostgreSQL with its deferrable unique keys, which `sea_query` has no words for.
pub(super) fn among(table: &str, entity: &'static EntityDefinition) -> String {
    let mut table = table.strip_suffix(')').unwrap_or(table).trim_end().to_owned();
    for one in named(entity) {
        let What::UniqueKey { filter: None, deferrable, .. } = one.what else { continue };
        if !deferrable.is_no() {
            let (name, columns) = (escaped(&one.name), column_list(entity, &one));
            let waits = deferrable.sql();
            table = format!("{table}, CONSTRAINT \"{name}\" UNIQUE ({columns}){waits}");
        }
    }
    table + " )"
}

/// SQLite checks unique keys with each row.
pub(super) fn is_known_to(
    engine: Engine,
    entity: &'static EntityDefinition,
    one: &NamedConstraint,
) -> Result<()> {
    if engine == Engine::Postgres {
        return Ok(());
    }
    let properties: Vec<_> = one.properties.iter().map(|name| format!("`{name}`")).collect();
    Err(Error::invalid_request(format!(
        "SQLite has no deferrable unique keys, and that of {} of `{}` is one; leave out `deferrable`, \
         or use PostgreSQL",
        properties.join(", "),
        entity.name,
    ))
    .entity_is(entity))
}
