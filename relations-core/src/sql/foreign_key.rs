//! Foreign keys as SQL has them.

use sea_query::{Alias, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement};

use crate::definition::constraint_names::NamedConstraint;
use crate::definition::entity::EntityDefinition;
use crate::definition::relation::{Action, RelationDefinition};
use crate::error::{Error, Result};
use crate::sql::ddl::escaped;
use crate::sql::place::defined_table;

/// The foreign key of a relation; `None` where there is to be none.
pub(super) fn create(
    entity: &'static EntityDefinition,
    one: &NamedConstraint,
    relation: &RelationDefinition,
) -> Option<ForeignKeyCreateStatement> {
    let definition = relation.foreign_key?;
    let target = relation.target.definition();
    let mut key = ForeignKey::create();
    key.name(escaped(&one.name));
    key.from_tbl(defined_table(entity)).to_tbl(defined_table(target));
    for property in relation.key_from.iter().filter_map(|name| entity.property(name)) {
        key.from_col(Alias::new(property.column));
    }
    for property in relation.key_to.iter().filter_map(|name| target.property(name)) {
        key.to_col(Alias::new(property.column));
    }
    if let Some(action) = action(definition.on_delete).filter(|_| definition.set_null.is_empty()) {
        key.on_delete(action);
    }
    if let Some(action) = action(definition.on_update) {
        key.on_update(action);
    }
    Some(key)
}

/// The action by which a part of a key is set to null, which `sea_query` has no words for. It comes
/// last.
pub(super) fn setting_null(entity: &EntityDefinition, relation: &RelationDefinition) -> String {
    let names = relation.foreign_key.map(|key| key.set_null).unwrap_or_default();
    if names.is_empty() {
        return String::new();
    }
    let columns = names.iter().filter_map(|name| entity.property(name));
    let columns: Vec<_> =
        columns.map(|property| format!("\"{}\"", escaped(property.column))).collect();
    format!(" ON DELETE SET NULL ({})", columns.join(", "))
}

/// SQLite sets all of a key to null, or nothing.
pub(super) fn sets_whole_keys(
    entity: &'static EntityDefinition,
    relation: &RelationDefinition,
) -> Result<()> {
    let names = relation.foreign_key.map(|key| key.set_null).unwrap_or_default();
    if names.is_empty() {
        return Ok(());
    }
    let (source, name) = (entity.name, relation.name);
    Err(Error::invalid_request(format!(
        "SQLite sets a whole key to null, and `{source}.{name}` sets {} alone; choose another action, \
         or use PostgreSQL",
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    ))
    .entity_is(entity))
}

/// The SQL of an action; `None` for the default.
fn action(action: Action) -> Option<ForeignKeyAction> {
    match action {
        Action::NoAction => None,
        Action::Restrict => Some(ForeignKeyAction::Restrict),
        Action::Cascade => Some(ForeignKeyAction::Cascade),
        Action::SetNull => Some(ForeignKeyAction::SetNull),
        Action::SetDefault => Some(ForeignKeyAction::SetDefault),
    }
}
