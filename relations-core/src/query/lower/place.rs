//! Where columns are read from.

use sea_query::{Alias, Expr, ExprTrait, TableRef};

use crate::filter::Field;
use crate::meta::{EntityDefinition, PropertyDefinition};

/// The table of an entity, in its schema where it has one.
pub(crate) fn table(entity: &EntityDefinition) -> TableRef {
    match entity.schema {
        Some(schema) => (Alias::new(schema), Alias::new(entity.table)).into(),
        None => Alias::new(entity.table).into(),
    }
}

pub(super) fn in_table(entity: &EntityDefinition, column: &str) -> Expr {
    Expr::col((Alias::new(entity.table), Alias::new(column)))
}

pub(crate) fn column(field: Field) -> Expr {
    in_table(field.entity, field.property.column)
}

/// The columns of an entity, in the order of its definition.
pub(super) fn columns(entity: &'static EntityDefinition) -> impl Iterator<Item = Expr> {
    entity.properties.iter().map(|property| in_table(entity, property.column))
}

/// The properties of those names.
pub(super) fn named(
    entity: &'static EntityDefinition,
    names: &[&'static str],
) -> impl Iterator<Item = &'static PropertyDefinition> {
    names.iter().filter_map(|name| entity.property(name))
}

pub(super) fn all(conditions: impl Iterator<Item = Expr>) -> Expr {
    conditions.reduce(ExprTrait::and).unwrap_or_else(|| Expr::cust("TRUE"))
}
