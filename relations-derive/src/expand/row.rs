//! Reading an entity from a row, and taking it apart for one.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use crate::model::{Entity, Property};

/// The entity that a row holds from a position on.
pub(super) fn read(entity: &Entity) -> TokenStream {
    let (krate, ident) = (&entity.krate, &entity.ident);
    let fields = entity.properties.iter().map(|Property { ident: field, constant, .. }| {
        quote!(#field: #ident::#constant.read(row, from)?)
    });
    let skipped = entity
        .skipped
        .iter()
        .map(|field| quote_spanned!(field.span()=> #field: ::core::default::Default::default()));
    quote! {
        fn read(
            row: &#krate::__private::Row<'_>,
            from: ::core::primitive::usize,
        ) -> #krate::Result<#ident> {
            ::core::result::Result::Ok(#ident { #(#fields,)* #(#skipped,)* })
        }
    }
}

/// The values of all properties, in the order of the definition.
pub(super) fn parameters(entity: &Entity) -> TokenStream {
    let (krate, ident) = (&entity.krate, &entity.ident);
    let values = entity.properties.iter().map(
        |Property { ident: field, constant, .. }| quote!(#ident::#constant.parameter(&self.#field)),
    );
    quote! {
        fn parameters(&self) -> #krate::__private::Vec<#krate::__private::Parameter> {
            ::core::convert::From::from([#(#values),*])
        }
    }
}
