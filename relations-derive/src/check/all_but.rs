//! Rules for structs that lack some properties of an entity.

use proc_macro2::Ident;
use quote::format_ident;
use syn::ext::IdentExt;

use super::relations::{are_properties, repeated};
use crate::error::Errors;
use crate::model::Entity;

/// A struct leaves out properties of its entity.
pub(super) fn what_is_left_out_are_properties(errors: &mut Errors, entity: &Entity) {
    are_properties(errors, entity, entity.all_but.iter().flat_map(|one| &one.left_out));
}

/// A struct leaves out a property once.
pub(super) fn a_property_is_left_out_once(errors: &mut Errors, entity: &Entity) {
    for again in entity.all_but.iter().flat_map(|one| repeated(&one.left_out)) {
        let name = again.unraw();
        errors.at(again, format!("`{name}` is already left out; remove one"));
    }
}

/// A struct holds a property.
pub(super) fn something_is_left(errors: &mut Errors, entity: &Entity) {
    for one in &entity.all_but {
        if entity.without(&one.left_out).next().is_none() {
            let name = &one.ident;
            errors.at(name, format!("`{name}` would hold no property; leave out fewer"));
        }
    }
}

/// Two structs would have the same name.
pub(super) fn structs_have_names_of_their_own(errors: &mut Errors, entity: &Entity) {
    for (at, one) in entity.all_but.iter().enumerate() {
        let mut earlier = entity.all_but.iter().take(at).map(|earlier| &earlier.ident);
        if one.ident == entity.ident || earlier.any(|earlier| *earlier == one.ident) {
            let name = &one.ident;
            errors.at(name, format!("`{name}` is a struct already; choose another name"));
        } else if is_generated(entity, &one.ident) {
            let (name, of) = (&one.ident, &entity.ident);
            let message = format!("`{name}` is generated for `{of}` already; choose another name");
            errors.at(name, message);
        }
    }
}

/// Drops structs that could not be made.
pub(super) fn keep_sound(entity: &mut Entity) {
    let all = std::mem::take(&mut entity.all_but);
    for one in all {
        let is_named = one.ident == entity.ident
            || is_generated(entity, &one.ident)
            || entity.all_but.iter().any(|earlier| earlier.ident == one.ident);
        if !is_named && entity.without(&one.left_out).next().is_some() {
            entity.all_but.push(one);
        }
    }
}

/// Whether the derive makes a struct of that name in any case.
fn is_generated(entity: &Entity, name: &Ident) -> bool {
    let of = &entity.ident;
    let is_written = entity.read_only().is_none();
    let structs = [
        (true, format_ident!("{}Columns", of)),
        (is_written, format_ident!("New{}", of)),
        (is_written && entity.patch.is_some(), format_ident!("{}Patch", of)),
        (!entity.relations.is_empty(), format_ident!("{}With", of)),
    ];
    structs.iter().any(|(is_made, made)| *is_made && made == name)
}
