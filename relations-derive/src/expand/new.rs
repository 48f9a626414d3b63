//! `NewOrder`: an order for the database to complete.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::generated_struct::GeneratedStruct;
use crate::model::{Entity, Property};

pub(super) fn row(entity: &Entity) -> TokenStream {
    if entity.read_only().is_some() {
        return TokenStream::new();
    }
    let Entity { krate, ident, vis, .. } = entity;
    let new = format_ident!("New{}", ident);
    let doc = format!(" A new [`{ident}`], which the database completes.");
    let generated = GeneratedStruct::of(entity, &new, entity.new.as_ref());
    let fields = entity.given().map(|property| {
        let Property { ident: field, name, full_type, default, .. } = property;
        let serde = generated.field(property, property.may_be_left_out());
        if property.is_tenant() {
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
        }
    });
    let assignments = entity.given().map(|property| {
        let Property { ident: field, constant, .. } = property;
        if property.may_be_left_out() {
            quote!(each(#ident::#constant.assign_some(self.#field));)
        } else {
            quote!(each(#ident::#constant.assign(self.#field));)
        }
    });
    let left_out = entity.given().filter(|property| property.may_be_left_out());
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
                #(#assignments)*
            }
        }

        #readers
    }
}
