//! `NewOrder`: an order for the database to complete.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::model::{Entity, Property, PropertyKey};

pub(super) fn row(entity: &Entity) -> TokenStream {
    let Entity { krate, ident, vis, .. } = entity;
    let new = format_ident!("New{}", ident);
    let doc = format!(" A new [`{ident}`], which the database completes.");
    let inserted: Vec<_> =
        entity.properties.iter().filter(|property| is_inserted(property)).collect();
    let fields =
        inserted.iter().map(|property| {
            let Property { ident: field, name, full_type, default, .. } = *property;
            if property.is_tenant() {
                let doc = format!(
                    " The property `{name}`, the tenant of the row; `None` makes it that of the executor.",
                );
                quote!(#[doc = #doc] #vis #field: ::core::option::Option<#full_type>)
            } else if let Some(default) = default {
                let doc = format!(" The property `{name}`; `None` makes it `{default}`.");
                quote!(#[doc = #doc] #vis #field: ::core::option::Option<#full_type>)
            } else {
                let doc = format!(" The property `{name}`.");
                quote!(#[doc = #doc] #vis #field: #full_type)
            }
        });
    let assignments = inserted.iter().map(|property| {
        let Property { ident: field, constant, default, .. } = *property;
        if default.is_some() || property.is_tenant() {
            quote!(each(#ident::#constant.assign_some(self.#field));)
        } else {
            quote!(each(#ident::#constant.assign(self.#field));)
        }
    });
    quote! {
        #[doc = #doc]
        #[allow(dead_code, private_interfaces)]
        #[derive(::core::fmt::Debug, ::core::clone::Clone)]
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
    }
}

/// Whether an insert takes the property from the user, not from the database.
fn is_inserted(property: &Property) -> bool {
    !matches!(property.key, PropertyKey::Id { generated: true }) && !property.is_refreshed()
}
