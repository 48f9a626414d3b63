//! Rules for the names of properties and columns.

use quote::ToTokens;

use crate::error::Errors;
use crate::model::{Entity, Property};

/// Two constants of one name would not compile.
pub(super) fn constants_differ(errors: &mut Errors, entity: &Entity) {
    for (at, property) in entity.properties.iter().enumerate() {
        let same = |earlier: &&Property| earlier.constant == property.constant;
        if let Some(earlier) = entity.properties.iter().take(at).find(same) {
            let Property { name, constant, .. } = property;
            let message = format!(
                "`{name}` and `{}` would both be the constant `{constant}`; rename one",
                earlier.name
            );
            errors.at(&property.ident, message);
        }
    }
}

/// Rows are loaded on one thread and read on another.
pub(super) fn fields_are_shared(errors: &mut Errors, entity: &Entity) {
    for ty in &entity.unshared {
        let message = "threads cannot share this, and they share entities; write the type within, which \
                       `&mut` changes, or a `Mutex` in a field that is `#[skip]`";
        errors.at(ty, message);
    }
}

/// A column holds one array.
pub(super) fn arrays_are_flat(errors: &mut Errors, entity: &Entity) {
    for property in entity.properties.iter().filter(|property| property.is_array_of_arrays()) {
        let message =
            "an array of arrays cannot be a property; write one `Vec`, or a `Json` of this";
        errors.at(&property.full_type, message);
    }
}

/// Keeps the first of several constants of one name, and the properties with a column type.
pub(super) fn keep_sound(entity: &mut Entity) {
    let mut constants = Vec::new();
    entity.properties.retain(|property| {
        let is_first = !constants.contains(&property.constant);
        constants.push(property.constant.clone());
        is_first && !property.is_array_of_arrays()
    });
}

/// One column holds one property.
pub(super) fn columns_differ(errors: &mut Errors, entity: &Entity) {
    for (at, property) in entity.properties.iter().enumerate() {
        let same = |earlier: &&Property| earlier.column == property.column;
        if let Some(earlier) = entity.properties.iter().take(at).find(same) {
            let message = format!(
                "the column `{}` already holds `{}`; name another",
                property.column, earlier.name
            );
            let named =
                [property, earlier].into_iter().find_map(|one| one.attrs.column.name.as_ref());
            let place = named
                .map_or_else(|| property.ident.to_token_stream(), |name| name.0.to_token_stream());
            errors.at(place, message);
        }
    }
}
