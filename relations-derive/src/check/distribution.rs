//! Rules for entities whose rows are distributed over the servers of a cluster.

use syn::ext::IdentExt;

use super::relations::are_properties;
use crate::error::Errors;
use crate::model::{Action, Entity, PropertyKey};

/// Rows are distributed over the servers, or each server has all of them.
pub(super) fn rows_are_distributed_in_one_way(errors: &mut Errors, entity: &Entity) {
    if let (Some(name), Some(word)) = (&entity.distributed_by, &entity.reference) {
        let message = format!(
            "`{}` is distributed by `{}`, and each server has all rows of a reference table; remove one",
            entity.ident.unraw(),
            name.unraw(),
        );
        errors.at(word, message);
    }
}

/// Rows are distributed by a property of their own entity.
pub(super) fn rows_are_distributed_by_a_property(errors: &mut Errors, entity: &Entity) {
    are_properties(errors, entity, entity.distributed_by.iter());
}

/// No server could tell whether another one has a row with an id, unless the id says which server it is.
pub(super) fn the_id_holds_the_distribution(errors: &mut Errors, entity: &Entity) {
    let Some(property) = entity.distribution().filter(|property| !property.is_id()) else {
        return;
    };
    // An entity without an id is told so.
    if entity.ids().next().is_some() {
        let message = format!(
            "`{}` is distributed by this, so it has to be a part of the id; mark it `#[id]`",
            entity.ident.unraw(),
        );
        errors.at(&property.ident, message);
    }
}

/// As of the id.
pub(super) fn unique_keys_hold_the_distribution(errors: &mut Errors, entity: &Entity) {
    let Some(by) = entity.distribution().map(|property| &property.name) else { return };
    for property in entity.properties.iter().filter(|property| property.name != *by) {
        if let Some(unique) = &property.attrs.unique {
            let with_deleted = if property.with_deleted { ", with_deleted" } else { "" };
            let message = format!(
                "each server knows its own rows alone; write `#[unique({by}, {}{with_deleted})]` on the \
                 struct",
                property.name,
            );
            errors.at(&unique.attribute, message);
        }
    }
    for key in &entity.unique_keys {
        if !key.names.iter().any(|name| name.unraw() == by.as_str()) {
            let message = format!("each server knows its own rows alone; add `{by}` to this key");
            errors.at(&key.attribute, message);
        }
    }
}

/// The servers share out the numbers of a `bigint` and of no shorter type.
pub(super) fn generated_ids_are_big(errors: &mut Errors, entity: &Entity) {
    let is_generated = |key| key == PropertyKey::Id { generated: true };
    for id in entity.ids().filter(|_| entity.distributed_by.is_some()) {
        let is_short = id.type_name().is_some_and(|name| name == "i16" || name == "i32");
        if is_generated(id.key) && is_short {
            let message =
                "the servers of a cluster share out the numbers of an `i64` only; write `i64`";
            errors.at(&id.full_type, message);
        }
    }
}

/// No foreign key changes the server of a row. What would set the key to null is refused, as an id is never
/// null.
pub(super) fn actions_leave_the_distribution_alone(errors: &mut Errors, entity: &Entity) {
    let Some(by) = entity.distribution() else { return };
    for relation in &entity.relations {
        let holds_it = relation.key_from.iter().any(|name| name.unraw() == by.name);
        if relation.foreign_key.is_none() || !holds_it {
            continue;
        }
        let options = &relation.attrs.options;
        let written = [("on_delete", &options.on_delete), ("on_update", &options.on_update)];
        for (option, action) in written {
            let Some(action) = action else { continue };
            let changes_it = match action.choice {
                // Without a default there is an error already.
                Action::SetDefault => by.default.is_some(),
                Action::Cascade => option == "on_update",
                Action::NoAction | Action::Restrict | Action::SetNull => false,
            };
            if changes_it {
                let message = format!(
                    "`{}` is distributed by `{}`, which this would change; choose another `{option}`",
                    entity.ident.unraw(),
                    by.name,
                );
                errors.at(&action.literal, message);
            }
        }
    }
}
