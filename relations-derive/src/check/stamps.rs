//! Rules for properties that every update sets: a version, and the times of creation and of the
//! last update.

use crate::error::Errors;
use crate::model::{Entity, Kind, Property, Stamp};

/// A property has one role.
pub(super) fn a_property_is_stamped_once(errors: &mut Errors, entity: &Entity) {
    for property in &entity.properties {
        if let [(first, _), again @ ..] = property.attrs.stamps.as_slice() {
            for (_, attribute) in again {
                let message = format!("this field is `#[{}]` already; remove one", first.name());
                errors.at(attribute, message);
            }
        }
    }
}

/// A row has one version, was made once, and was last changed once.
pub(super) fn each_stamp_is_on_one_property(errors: &mut Errors, entity: &Entity) {
    for (at, property) in entity.properties.iter().enumerate() {
        let Some((stamp, attribute)) = stamp(property) else {
            continue;
        };
        let same = |earlier: &&Property| earlier.stamp() == Some(stamp);
        if let Some(earlier) = entity.properties.iter().take(at).find(same) {
            let message =
                format!("`{}` is `#[{}]` already; remove one", earlier.name, stamp.name());
            errors.at(attribute, message);
        }
    }
}

/// The id of a row does not change with each update.
pub(super) fn a_stamp_is_no_id(errors: &mut Errors, entity: &Entity) {
    for id in entity.ids() {
        if let Some((stamp, attribute)) = stamp(id) {
            let name = stamp.name();
            let message = format!("an `#[id]` cannot be `#[{name}]`; give that a field of its own");
            errors.at(attribute, message);
        }
    }
}

/// The key of a target is not chosen from a column that the database sets.
pub(super) fn a_stamp_is_no_foreign_key(errors: &mut Errors, entity: &Entity) {
    let keys = entity.relations.iter().filter(|relation| relation.kind == Kind::BelongsTo);
    let keys: Vec<_> = keys.flat_map(|relation| &relation.key_from).collect();
    for property in entity.properties.iter().filter(|property| keys.contains(&&property.ident)) {
        if let Some((stamp, attribute)) = stamp(property) {
            let name = stamp.name();
            let message =
                format!("a foreign key cannot be `#[{name}]`; give that a field of its own");
            errors.at(attribute, message);
        }
    }
}

/// A stamp is never null, but that of a deletion.
pub(super) fn a_stamp_is_not_null(errors: &mut Errors, entity: &Entity) {
    let never_null =
        |property: &&Property| property.nullable && property.stamp() != Some(Stamp::DeletedAt);
    for property in entity.properties.iter().filter(never_null) {
        // An id that may be null is reported already.
        if let Some((stamp, _)) = stamp(property).filter(|_| !property.is_id()) {
            let name = stamp.name();
            let message = format!("`#[{name}]` is never null; write the type without `Option`");
            errors.at(&property.full_type, message);
        }
    }
}

/// A default would never be used.
pub(super) fn a_stamp_has_no_default(errors: &mut Errors, entity: &Entity) {
    for property in &entity.properties {
        if let (Some((stamp, _)), Some(default)) = (stamp(property), &property.attrs.column.default)
        {
            let name = stamp.name();
            let message = format!("`#[{name}]` makes this value; remove `default`");
            errors.at(&default.0, message);
        }
    }
}

fn stamp(property: &Property) -> Option<(Stamp, &syn::Attribute)> {
    property.attrs.stamps.first().map(|(stamp, attribute)| (*stamp, attribute))
}
