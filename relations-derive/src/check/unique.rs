//! Rules for composite and partial unique keys.

use syn::ext::IdentExt;

use super::relations::{are_properties, repeated};
use crate::error::Errors;
use crate::model::{Entity, UniqueKey};

/// A key is made of properties of its own entity.
pub(super) fn keys_are_properties(errors: &mut Errors, entity: &Entity) {
    are_properties(errors, entity, entity.unique_keys.iter().flat_map(|key| &key.names));
}

/// A key names each property once.
pub(super) fn keys_name_a_property_once(errors: &mut Errors, entity: &Entity) {
    for again in entity.unique_keys.iter().flat_map(|key| repeated(&key.names)) {
        let name = again.unraw();
        errors.at(again, format!("`{name}` is already in this key; remove one"));
    }
}

/// A unique key of one property is declared on its field.
pub(super) fn keys_of_one_property_have_a_filter(errors: &mut Errors, entity: &Entity) {
    for UniqueKey { names, filter, attribute, .. } in &entity.unique_keys {
        if let ([only], None) = (names.as_slice(), filter) {
            let name = only.unraw();
            let message =
                format!("a key of one property stands on it; write `#[unique]` on `{name}`");
            errors.at(attribute, message);
        }
    }
}

/// The id is unique by being the id, and a key is unique once.
pub(super) fn keys_say_something(errors: &mut Errors, entity: &Entity) {
    for (at, key) in entity.unique_keys.iter().enumerate() {
        let is_whole_id = entity.ids().count() == key.names.len()
            && entity.ids().all(|id| key.names.iter().any(|name| name.unraw() == id.name));
        let same = |earlier: &UniqueKey| earlier.is_made_as(key) && earlier.filter == key.filter;
        if is_whole_id && key.names.len() > 1 {
            errors.at(&key.attribute, "the id is unique already; remove this `#[unique]`");
        } else if entity.unique_keys.iter().take(at).any(same) {
            errors.at(&key.attribute, "these are unique already; remove one");
        }
    }
}

/// Two keys of the same properties would have the same name.
pub(super) fn keys_have_names_of_their_own(errors: &mut Errors, entity: &Entity) {
    for (at, key) in entity.unique_keys.iter().enumerate() {
        let same = |earlier: &UniqueKey| {
            let unnamed = earlier.names == key.names && earlier.filter != key.filter;
            earlier.name == key.name && (key.name.is_some() || unnamed)
        };
        if entity.unique_keys.iter().take(at).any(same) {
            let message = "another key has this name already; add `name = \"…\"` to one";
            errors.at(&key.attribute, message);
        }
    }
}
