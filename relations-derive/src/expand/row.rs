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
    let skipped = skipped(entity);
    quote! {
        fn read(
            row: &#krate::__private::Row<'_>,
            from: ::core::primitive::usize,
        ) -> #krate::Result<#ident> {
            ::core::result::Result::Ok(#ident { #(#fields,)* #(#skipped,)* })
        }
    }
}

/// The entity once more, as its row would be read again.
pub(super) fn duplicate(entity: &Entity) -> TokenStream {
    let ident = &entity.ident;
    let fields = entity.properties.iter().map(|Property { ident: field, constant, .. }| {
        quote!(#field: #ident::#constant.duplicate(&self.#field))
    });
    let skipped = skipped(entity);
    quote! {
        fn duplicate(&self) -> #ident {
            #ident { #(#fields,)* #(#skipped,)* }
        }
    }
}

/// The fields that no row holds.
fn skipped(entity: &Entity) -> impl Iterator<Item = TokenStream> {
    entity
        .skipped
        .iter()
        .map(|field| quote_spanned!(field.span()=> #field: ::core::default::Default::default()))
}

/// The value of each property, in the order of the definition.
pub(super) fn each_parameter(entity: &Entity) -> TokenStream {
    let (krate, ident) = (&entity.krate, &entity.ident);
    let values = entity.properties.iter().map(
        |Property { ident: field, constant, .. }| quote!(#ident::#constant.parameter(&self.#field)),
    );
    quote! {
        fn each_parameter(&self, each: &mut dyn ::core::ops::FnMut(#krate::__private::Parameter)) {
            #(each(#values);)*
        }
    }
}

/// Copies the columns that an update sets by itself from the returned row, which holds no others.
pub(super) fn refresh(entity: &Entity) -> Option<TokenStream> {
    let (krate, ident) = (&entity.krate, &entity.ident);
    let made = entity.properties.iter().filter(|property| property.is_made());
    let fields: Vec<_> = made
        .enumerate()
        .map(|(at, Property { ident: field, constant, .. })| {
            quote!(self.#field = #ident::#constant.read_made(row, #at)?;)
        })
        .collect();
    (!fields.is_empty()).then(|| {
        quote! {
            fn refresh(&mut self, row: &#krate::__private::Row<'_>) -> #krate::Result<()> {
                #(#fields)*
                ::core::result::Result::Ok(())
            }
        }
    })
}
