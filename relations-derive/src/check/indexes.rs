//! Rules for indexes and checks on the struct.

use syn::ext::IdentExt;

use super::relations::{are_properties, repeated};
use crate::error::Errors;
use crate::model::{Entity, Index};

/// An index is made of properties of its own entity.
pub(super) fn indexes_are_of_properties(errors: &mut Errors, entity: &Entity) {
    are_properties(errors, entity, entity.indexes.iter().flat_map(|index| &index.names));
}

/// An index names each property once.
pub(super) fn indexes_name_a_property_once(errors: &mut Errors, entity: &Entity) {
    for again in entity.indexes.iter().flat_map(|index| repeated(&index.names)) {
        let name = again.unraw();
        errors.at(again, format!("`{name}` is already in this index; remove one"));
    }
}

/// A plain index of one property is declared on its field.
pub(super) fn indexes_of_one_property_say_more(errors: &mut Errors, entity: &Entity) {
    for Index { names, expression, unique, name, filter, method, attribute } in &entity.indexes {
        let is_plain = name.is_none() && filter.is_none() && method.is_none();
        if let (None, Some(unique)) = (expression, unique) {
            let message = "a unique index of properties is a key; write `#[unique(…)]`";
            errors.at(unique, message);
            continue;
        }
        let is_plain = is_plain && expression.is_none();
        if let ([only], true) = (names.as_slice(), is_plain) {
            let property = only.unraw();
            let message =
                format!("an index of one property stands on it; write `#[index]` on `{property}`");
            errors.at(attribute, message);
        }
    }
}

/// Two indexes differ in more than their names.
pub(super) fn indexes_differ(errors: &mut Errors, entity: &Entity) {
    for (at, index) in entity.indexes.iter().enumerate() {
        let same = |earlier: &Index| {
            (&earlier.names, &earlier.expression, &earlier.filter, &earlier.method)
                == (&index.names, &index.expression, &index.filter, &index.method)
        };
        if entity.indexes.iter().take(at).any(same) {
            errors.at(&index.attribute, "there is such an index already; remove one");
        }
    }
}

/// A check is written once, and has a name of its own.
pub(super) fn checks_differ(errors: &mut Errors, entity: &Entity) {
    for (at, check) in entity.checks.iter().enumerate() {
        let mut earlier = entity.checks.iter().take(at);
        if earlier.clone().any(|one| one.condition == check.condition) {
            errors.at(&check.attribute, "there is such a check already; remove one");
        } else if earlier.any(|one| one.name.is_some() && one.name == check.name) {
            errors.at(&check.attribute, "another check has this name already; write another");
        }
    }
}
