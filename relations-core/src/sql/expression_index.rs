//! Indexes of expressions, which `sea_query` has no words for.

use crate::definition::constraint_names::{NamedConstraint, What};
use crate::definition::entity::EntityDefinition;
use crate::dialect::Engine;
use crate::sql::ddl::{column_list, escaped, table_name};

/// An index of an expression, which stands behind its properties as it was written.
pub(super) fn create(
    engine: Engine,
    entity: &'static EntityDefinition,
    one: &NamedConstraint,
    expression: &str,
    if_not_exists: bool,
) -> Option<String> {
    let What::Index(Some(definition)) = one.what else { return None };
    let unique = if definition.unique { "UNIQUE " } else { "" };
    let missing = if if_not_exists { "IF NOT EXISTS " } else { "" };
    let using = definition.method.filter(|_| engine == Engine::Postgres);
    let using = using.map(|method| format!(" USING {method}")).unwrap_or_default();
    let filter = definition.filter.map(|filter| format!(" WHERE {filter}")).unwrap_or_default();
    let (name, columns) = (escaped(&one.name), column_list(entity, one));
    let comma = if columns.is_empty() { "" } else { ", " };
    Some(format!(
        "CREATE {unique}INDEX {missing}\"{name}\" ON {table}{using} \
         ({columns}{comma}{expression}){filter}",
        table = table_name(entity),
    ))
}
