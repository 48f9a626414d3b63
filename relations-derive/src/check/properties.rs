//! The names of properties and columns.

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

/// Of several constants of one name, the first.
pub(super) fn keep_first_constants(entity: &mut Entity) {
    let mut constants = Vec::new();
    entity.properties.retain(|property| {
        let is_first = !constants.contains(&property.constant);
        constants.push(property.constant.clone());
        is_first
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
