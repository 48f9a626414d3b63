//! The implementation of `FromRow` for a user's struct.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::columns;
use crate::model::{Field, FromRow};

pub(crate) fn from_row(from_row: &FromRow) -> TokenStream {
    let FromRow { ident, krate, fields, skipped, .. } = from_row;
    let struct_name = ident.to_string();
    let columns = fields.iter().map(|field| &field.column);
    let read = fields.iter().enumerate().map(|(index, field)| {
        let Field { ident, name, column, .. } = field;
        let codec = if field.nullable { "NULLABLE" } else { "REQUIRED" };
        let codec = columns::trait_fact(krate, &field.ty, codec);
        quote! {
            #ident: #krate::__private::read_field(row, #index, (#struct_name, #name, #column), #codec)?
        }
    });
    let skipped = skipped
        .iter()
        .map(|field| quote_spanned!(field.span()=> #field: ::core::default::Default::default()));
    quote! {
        #[automatically_derived]
        impl #krate::FromRow for #ident {
            fn columns() -> #krate::__private::RowColumns {
                #krate::__private::RowColumns::Named(::core::convert::From::from([#(#columns),*]))
            }

            fn from_row(row: &#krate::__private::Row<'_>) -> #krate::Result<#ident> {
                ::core::result::Result::Ok(#ident { #(#read,)* #(#skipped,)* })
            }
        }
    }
}
