//! Rules for the structs that are generated for an entity.

use quote::format_ident;

use crate::error::Errors;
use crate::model::{Entity, Property, StructOptions};

/// A trait that is derived in any case is not asked for, nor one twice.
pub(super) fn derives_differ(errors: &mut Errors, entity: &Entity) {
    let all_but = entity.all_but.iter().filter_map(|one| one.options.as_ref());
    for options in [&entity.new, &entity.patch].into_iter().flatten().chain(all_but) {
        for (at, path) in options.derives.iter().enumerate() {
            if is_derived(options, at) {
                let name = path.get_ident().map_or_else(String::new, ToString::to_string);
                errors.at(path, format!("`{name}` is derived already; remove it"));
            }
        }
    }
}

/// Drops the traits that are derived already.
pub(super) fn keep_sound(entity: &mut Entity) {
    let all_but = entity.all_but.iter_mut().filter_map(|one| one.options.as_mut());
    for options in [&mut entity.new, &mut entity.patch].into_iter().flatten().chain(all_but) {
        let derives = options.derives.iter().enumerate();
        let sound =
            derives.filter(|(at, _)| !is_derived(options, *at)).map(|(_, path)| path.clone());
        options.derives = sound.collect();
    }
}

/// Whether the trait at a place is derived without it.
fn is_derived(options: &StructOptions, at: usize) -> bool {
    let Some(path) = options.derives.get(at) else { return false };
    let in_any_case = path.is_ident("Debug") || path.is_ident("Clone");
    let of_a_patch = path.is_ident("Default") && options.option == "patch";
    in_any_case || of_a_patch || options.derives.iter().take(at).any(|earlier| earlier == path)
}

/// A struct that is read holds nothing that serde does not read.
pub(super) fn new_rows_can_be_read(errors: &mut Errors, entity: &Entity) {
    let is_read = entity.new.as_ref().is_some_and(|new| new.derives("Deserialize"));
    for property in entity.given().filter(|one| is_read && !one.may_be_left_out()) {
        if let Some(option) = &property.attrs.serde.unread {
            let (new, name) = (format_ident!("New{}", entity.ident), &property.name);
            errors.at(
                option,
                format!(
                    "serde does not read `{name}`, so that a `{new}` would lack it; write `skip_serializing`, give \
                     the property a `default`, or remove `Deserialize`",
                ),
            );
        }
    }
}

/// Functions of the user that write a property do not write an `Option` of it.
pub(super) fn fields_can_be_written(errors: &mut Errors, entity: &Entity) {
    let writes = |options: &Option<StructOptions>| {
        options.as_ref().is_some_and(|options| options.derives("Serialize"))
    };
    let (new, patch) = (writes(&entity.new), writes(&entity.patch));
    let is_optional = |property: &Property| {
        let is_patched = entity.patched().any(|patched| patched.name == property.name);
        new && property.may_be_left_out() || patch && is_patched
    };
    for property in entity.given().filter(|property| is_optional(property)) {
        if let Some(option) = property.attrs.serde.serialize() {
            errors.at(
                option,
                "this function writes the property, and not the `Option` of it in a generated struct; remove it, or \
                 `Serialize` from `new` and `patch`",
            );
        }
    }
}

/// A patch changes something.
pub(super) fn patches_change_something(errors: &mut Errors, entity: &Entity) {
    if let Some(StructOptions { option, .. }) = &entity.patch
        && entity.patched().next().is_none()
    {
        let name = &entity.ident;
        errors.at(option, format!("`{name}` has no property that can be changed; remove `patch`"));
    }
}
