//! `OrderPatch`: changes of an order.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::generated_struct::GeneratedStruct;
use crate::model::{Entity, Property};

pub(super) fn changes(entity: &Entity) -> TokenStream {
    let Some(option) = entity.patch.as_ref().filter(|_| entity.read_only().is_none()) else {
        return TokenStream::new();
    };
    let Entity { krate, ident, vis, .. } = entity;
    let patch = format_ident!("{}Patch", ident);
    let doc = format!(" Changes of an [`{ident}`]: a property that is `None` stays as it is.");
    let generated = GeneratedStruct::of(entity, &patch, Some(option));
    let fields = entity.patched().map(|property| {
        let Property { ident: field, name, full_type, .. } = property;
        let (doc, serde) =
            (format!(" The new value of `{name}`."), generated.field(property, true));
        quote!(#[doc = #doc] #serde #vis #field: ::core::option::Option<#full_type>)
    });
    let names: Vec<_> = entity.patched().map(|property| &property.ident).collect();
    let constants = entity.patched().map(|property| &property.constant);
    let (derives, options, readers) =
        (generated.derives(), generated.options(), generated.readers(entity.patched()));
    quote! {
        #[doc = #doc]
        #[allow(
            dead_code,
            private_interfaces,
            clippy::option_option,
            clippy::struct_field_names
        )]
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::default::Default #derives)]
        #options
        #vis struct #patch { #(#fields),* }

        #[automatically_derived]
        impl #krate::query::Patch for #patch {
            type Entity = #ident;

            fn is_empty(&self) -> ::core::primitive::bool {
                true #(&& ::core::option::Option::is_none(&self.#names))*
            }

            fn apply(self, entity: &mut #ident) {
                #(
                    if let ::core::option::Option::Some(value) = self.#names {
                        entity.#names = value;
                    }
                )*
            }

            fn each_assignment(
                self,
                each: &mut dyn ::core::ops::FnMut(
                    ::core::option::Option<#krate::__private::Assignment>,
                ),
            ) {
                #(each(#ident::#constants.assign_some(self.#names));)*
            }
        }

        #readers
    }
}
