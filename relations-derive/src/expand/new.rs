//! `NewOrder`: an order for the database to complete.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::generated_struct::GeneratedStruct;
use super::one_of;
use crate::model::{Entity, OneOf, Property};

pub(super) fn row(entity: &Entity) -> TokenStream {
    if entity.read_only().is_some() {
        return TokenStream::new();
    }
    let Entity { krate, ident, vis, .. } = entity;
    let new = format_ident!("New{}", ident);
    let doc = format!(" A new [`{ident}`], which the database completes.");
    let generated = GeneratedStruct::of(entity, &new, entity.new.as_ref());
    let fields = entity.given().filter_map(|property| {
        let Property { ident: field, name, full_type, default, .. } = property;
        match part_of_one(entity, property) {
            Some(Part::Kind(_)) => return None,
            Some(Part::Key(one_of)) => {
                let (name, key) = (&one_of.name, one_of::key_type(entity, one_of));
                let doc = format!(" The key of `{}`, as the variant of its kind.", name.unraw());
                return Some(quote!(#[doc = #doc] #vis #name: #key));
            }
            None => {}
        }
        let serde = generated.field(property, property.may_be_left_out());
        Some(if property.is_tenant() {
            let doc = format!(
                " The property `{name}`, the tenant of the row; `None` makes it that of the executor.",
            );
            quote!(#[doc = #doc] #serde #vis #field: ::core::option::Option<#full_type>)
        } else if let Some(default) = default {
            let doc = format!(" The property `{name}`; `None` makes it `{default}`.");
            quote!(#[doc = #doc] #serde #vis #field: ::core::option::Option<#full_type>)
        } else {
            let doc = format!(" The property `{name}`.");
            quote!(#[doc = #doc] #serde #vis #field: #full_type)
        })
    });
    let assignments = entity.given().map(|property| {
        let Property { ident: field, constant, .. } = property;
        match part_of_one(entity, property) {
            // In the order of the properties, as every row of the entity is inserted.
            Some(Part::Kind(one_of)) => {
                let (kind, _) = parts(one_of);
                return quote!(each(#kind););
            }
            Some(Part::Key(one_of)) => {
                let (_, key) = parts(one_of);
                return quote!(each(#key););
            }
            None => {}
        }
        if property.may_be_left_out() {
            quote!(each(#ident::#constant.assign_some(self.#field));)
        } else {
            quote!(each(#ident::#constant.assign(self.#field));)
        }
    });
    let split = entity.one_of.iter().filter(|one_of| is_given(entity, one_of)).map(|one_of| {
        let (name, marker, (kind, key)) =
            (&one_of.name, one_of::marker(entity, one_of), parts(one_of));
        let of = quote!(<#marker as #krate::relation::OneOfByKind>);
        quote!(let [#kind, #key] = #of::assignments(self.#name);)
    });
    let left_out = entity.given().filter(|property| property.may_be_left_out());
    let left_out = left_out.filter(|property| part_of_one(entity, property).is_none());
    let (derives, options, readers) =
        (generated.derives(), generated.options(), generated.readers(left_out));
    quote! {
        #[doc = #doc]
        #[allow(dead_code, private_interfaces, clippy::struct_field_names)]
        #[derive(::core::fmt::Debug, ::core::clone::Clone #derives)]
        #options
        #vis struct #new { #(#fields),* }

        #[automatically_derived]
        impl #krate::NewEntity for #new {
            type Entity = #ident;

            fn each_assignment(
                self,
                each: &mut dyn ::core::ops::FnMut(
                    ::core::option::Option<#krate::__private::Assignment>,
                ),
            ) {
                #(#split)*
                #(#assignments)*
            }
        }

        #readers
    }
}

/// The part of a property in a key of one of several entities, which a new row is given as a whole.
enum Part<'e> {
    Kind(&'e OneOf),
    Key(&'e OneOf),
}

fn part_of_one<'e>(entity: &'e Entity, property: &Property) -> Option<Part<'e>> {
    entity.one_of.iter().find_map(|one_of| {
        let (kind, key) = one_of.kind.as_ref().filter(|_| is_given(entity, one_of))?;
        if key.unraw() == property.name {
            Some(Part::Key(one_of))
        } else {
            (kind.unraw() == property.name).then_some(Part::Kind(one_of))
        }
    })
}

/// Whether a new row is given the kind and the key, which it is as a whole.
fn is_given(entity: &Entity, one_of: &OneOf) -> bool {
    let given = |name: &Ident| entity.given().any(|one| name.unraw() == one.name);
    one_of.kind.as_ref().is_some_and(|(kind, key)| given(kind) && given(key))
}

/// The variables of the kind and of the key.
fn parts(one_of: &OneOf) -> (Ident, Ident) {
    let name = one_of.name.unraw();
    (format_ident!("{name}_kind"), format_ident!("{name}_key"))
}
