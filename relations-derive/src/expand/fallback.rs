//! What stands in for an entity with mistakes, so that one mistake is one error.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Fields};

/// An `Entity` with the fields as they are, for others to refer to. It never runs: the build has
/// failed already.
pub(crate) fn fallback(input: &DeriveInput) -> TokenStream {
    let Data::Struct(data) = &input.data else {
        return TokenStream::new();
    };
    let Fields::Named(fields) = &data.fields else {
        return TokenStream::new();
    };
    if !input.generics.params.is_empty() || input.generics.where_clause.is_some() {
        return TokenStream::new();
    }
    let (ident, vis) = (&input.ident, &input.vis);
    let columns = format_ident!("{}Columns", ident);
    let names: Vec<_> = fields.named.iter().filter_map(|field| field.ident.as_ref()).collect();
    let types = fields.named.iter().map(|field| &field.ty);
    let name = ident.to_string();
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, missing_debug_implementations, private_interfaces, unreachable_pub)]
        #vis struct #columns { #(pub #names: ::relations::__private::Unique<#ident, #types>),* }

        #[automatically_derived]
        impl ::relations::Entity for #ident {
            type Id = ::core::primitive::i64;
            type Itself = #ident;
            type Columns = #columns;
            type IdKey = ::relations::__private::Unique<#ident, ::core::primitive::i64>;

            const DEFINITION: &'static ::relations::__private::EntityDefinition =
                &::relations::__private::EntityDefinition::new(#name, #name, &[], &[]);
            const NAME: &'static ::core::primitive::str = #name;
            const ID_PROPERTIES: &'static [&'static ::core::primitive::str] = &[];
            const COLUMNS: #columns =
                #columns { #(#names: ::relations::__private::Unique::FACT),* };
            const ID_KEY: Self::IdKey = ::relations::__private::Unique::FACT;

            fn id(&self) -> ::core::primitive::i64 {
                ::core::unreachable!()
            }

            fn parameters(
                &self,
            ) -> ::relations::__private::Vec<::relations::__private::Parameter> {
                ::core::unreachable!()
            }

            fn read(
                _: &::relations::__private::Row<'_>,
                _: ::core::primitive::usize,
            ) -> ::relations::Result<#ident> {
                ::core::unreachable!()
            }

            fn sql_cache() -> &'static ::relations::__private::SqlCache {
                ::core::unreachable!()
            }
        }
    }
}
