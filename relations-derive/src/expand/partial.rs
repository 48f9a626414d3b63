//! The implementation of `Partial` for a struct of the user's own.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Ident, Path};

use super::asserts::panic;
use super::columns;
use super::relations::trait_fact_of;
use super::tokens::respan;
use crate::model::{Partial, PartialField};

pub(crate) fn partial(partial: &Partial) -> TokenStream {
    let Partial { ident, krate, entity, fields } = partial;
    let Some(entity) = entity else { return TokenStream::new() };
    let itself = trait_fact_of(krate, entity, "Itself");
    let definition = trait_fact_of(krate, entity, "DEFINITION");
    let struct_name = ident.to_string();
    let names = fields.iter().map(|field| &field.name);
    let read = fields.iter().enumerate().map(|(at, field)| {
        let PartialField { ident, name, .. } = field;
        let codec = if field.nullable { "NULLABLE" } else { "REQUIRED" };
        let codec = columns::trait_fact(krate, &field.ty, codec);
        quote! {
            #ident: #krate::__private::read_field(
                row,
                from + #at,
                (#struct_name, #name, #name),
                #codec,
            )?
        }
    });
    let checks = fields.iter().map(|field| check(partial, entity, field));
    quote! {
        #[automatically_derived]
        impl #krate::__private::Partial<#itself> for #ident {
            const PROPERTIES: &'static [&'static #krate::__private::PropertyDefinition] =
                &[#(#krate::__private::partial_property(#definition, #names)),*];

            fn read(
                row: &#krate::__private::Row<'_>,
                from: ::core::primitive::usize,
            ) -> #krate::Result<#ident> {
                ::core::result::Result::Ok(#ident { #(#read),* })
            }
        }

        #(#checks)*
    }
}

/// A field has the name and the type of a property.
fn check(partial: &Partial, entity: &Path, field: &PartialField) -> TokenStream {
    let PartialField { ident, name, ty, nullable } = field;
    let place = ty.span();
    // The variable is named in the place of the field, where the error about a name belongs.
    let columns = Ident::new("columns", ident.span());
    let facts = trait_fact_of(&partial.krate, entity, "COLUMNS");
    let named = quote_spanned!(entity.span()=> let #columns = #facts;);
    let krate = respan(ident.span(), &partial.krate);
    let property = quote_spanned!(ident.span()=> #krate::__private::key_part(&#columns.#ident));
    let source = columns::trait_fact(&partial.krate, ty, "SOURCE");
    let krate = respan(place, &partial.krate);
    let holds = quote_spanned!(place=> #krate::__private::holds(#property, #source););
    let never_null = (!nullable).then(|| {
        let panic = panic(place, &format!("`{name}` may be null; write an `Option`"));
        let definition = trait_fact_of(&partial.krate, entity, "DEFINITION");
        let krate = &partial.krate;
        quote! {
            if #krate::__private::partial_property(#definition, #name).nullable { #panic }
        }
    });
    quote! {
        const _: () = { #named #holds #never_null };
    }
}

/// The stub of a partial with mistakes.
pub(crate) fn fallback(input: &DeriveInput, partial: &Partial) -> TokenStream {
    let Partial { ident, krate, entity, .. } = partial;
    let Some(entity) = entity else { return TokenStream::new() };
    if !input.generics.params.is_empty() || input.generics.where_clause.is_some() {
        return TokenStream::new();
    }
    let itself = trait_fact_of(krate, entity, "Itself");
    quote! {
        #[automatically_derived]
        impl #krate::__private::Partial<#itself> for #ident {
            const PROPERTIES: &'static [&'static #krate::__private::PropertyDefinition] = &[];

            fn read(
                _: &#krate::__private::Row<'_>,
                _: ::core::primitive::usize,
            ) -> #krate::Result<#ident> {
                ::core::unreachable!()
            }
        }
    }
}
