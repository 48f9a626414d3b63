//! Facts about partials that rustc checks.

use crate::codegen::facts::Unknown;
use crate::definition::entity::EntityDefinition;
use crate::definition::names::same;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::value::Value;
use crate::value::key::KeyType;

/// A type that a field of a partial may have: that of the property.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot hold this property, which is a `{Property}`",
    label = "this field is `{Self}`, the property of its name is `{Property}`",
    note = "give the field the type that the property has in the entity"
)]
pub trait Holds<Property> {}

#[diagnostic::do_not_recommend]
impl<T> Holds<T> for T {}

#[diagnostic::do_not_recommend]
impl<V: Value> Holds<Unknown> for V {}

/// Checks that a field of the second type can hold a property of the first.
pub const fn holds<V: Holds<T>, T>(_: KeyType<T>, _: KeyType<V>) {}

/// The property of that name. An entity with mistakes has none, and a name that is not there is told by
/// rustc; another property stands for both.
#[must_use]
pub const fn partial_property(
    entity: &'static EntityDefinition,
    name: &str,
) -> &'static PropertyDefinition {
    const NOTHING: &PropertyDefinition = &PropertyDefinition::new("", "", ColumnType::Text);
    let mut properties = entity.properties;
    while let [property, rest @ ..] = properties {
        if same(property.name, name) {
            return property;
        }
        properties = rest;
    }
    NOTHING
}

/// The position of the property of that name.
#[must_use]
pub const fn partial_column(entity: &'static EntityDefinition, name: &str) -> usize {
    let (mut properties, mut at) = (entity.properties, 0);
    while let [property, rest @ ..] = properties {
        if same(property.name, name) {
            return at;
        }
        (properties, at) = (rest, at + 1);
    }
    at
}

/// The position of the relation of that name.
#[must_use]
pub const fn partial_relation(entity: &'static EntityDefinition, name: &str) -> usize {
    let (mut relations, mut at) = (entity.relations, 0);
    while let [relation, rest @ ..] = relations {
        if same(relation.name, name) {
            return at;
        }
        (relations, at) = (rest, at + 1);
    }
    at
}
