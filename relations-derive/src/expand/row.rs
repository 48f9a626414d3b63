//! Reading an entity from a row, and writing its values into one.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use crate::model::{Entity, Property};

/// Reads the entity from a row, from a position on.
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

/// A second copy of the entity, as if its row were read again.
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

/// The skipped fields.
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
    let made = entity.properties.iter().filter(|property| property.is_refreshed());
    let fields: Vec<_> = made
        .enumerate()
        .map(|(index, Property { ident: field, constant, .. })| {
            quote!(self.#field = #ident::#constant.read_made(row, #index)?;)
        })
        .collect();
    (!fields.is_empty()).then(|| {
        quote! {
            fn take_made(&mut self, row: &#krate::__private::Row<'_>) -> #krate::Result<()> {
                #(#fields)*
                ::core::result::Result::Ok(())
            }
        }
    })
}
