//! Rules for generated columns, which the database calculates from others.

use crate::attr::Text;
use crate::error::Errors;
use crate::model::{Entity, Kind, Property};

/// An id does not depend on other columns.
pub(super) fn a_generated_column_is_no_id(errors: &mut Errors, entity: &Entity) {
    for id in entity.ids() {
        if let Some(expression) = expression(id) {
            let message = "an `#[id]` cannot be calculated of other columns; remove `generated` here, or \
                           write `#[id(generated)]` for a number that the database counts up";
            errors.at(&expression.0, message);
        }
    }
}

/// A default would never be used.
pub(super) fn a_generated_column_has_no_default(errors: &mut Errors, entity: &Entity) {
    for property in &entity.properties {
        if let (Some(_), Some(default)) = (expression(property), &property.attrs.column.default) {
            let message = "`generated` and `default` both make this value; remove one";
            errors.at(&default.0, message);
        }
    }
}

/// A stamp is set by each update.
pub(super) fn a_generated_column_is_no_stamp(errors: &mut Errors, entity: &Entity) {
    for property in &entity.properties {
        if let (Some(_), Some((stamp, attribute))) =
            (expression(property), property.attrs.stamps.first())
        {
            let name = stamp.name();
            let message = format!("`generated` and `#[{name}]` both make this value; remove one");
            errors.at(attribute, message);
        }
    }
}

/// The key of a target is not chosen from a column that the database calculates.
pub(super) fn a_generated_column_is_no_foreign_key(errors: &mut Errors, entity: &Entity) {
    let belonging = entity.relations.iter().filter(|relation| relation.kind == Kind::BelongsTo);
    for key in belonging.flat_map(|relation| &relation.key_from) {
        if let Some(expression) = entity.property(key).and_then(expression) {
            let message =
                "a generated column cannot hold a foreign key; give the key a field of its own";
            errors.at(&expression.0, message);
        }
    }
}

fn expression(property: &Property) -> Option<&Text> {
    property.attrs.column.generated.as_ref()
}
