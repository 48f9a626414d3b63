//! The implementation of `Value` for a type of the user's own.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use crate::model::{Value, ValueKind, Variant};

pub(crate) fn value(value: &Value) -> TokenStream {
    match &value.kind {
        ValueKind::Newtype { ty } => newtype(value, ty),
        ValueKind::Enum { variants } => enumeration(value, variants),
    }
}

/// A struct around one value is stored as what it holds.
fn newtype(value: &Value, ty: &Type) -> TokenStream {
    let Value { ident, krate, .. } = value;
    let inner = quote_spanned!(ty.span()=> <#ty as #krate::__private::Codecs>);
    let column_type = quote_spanned!(ty.span()=> #inner::TYPE);
    let to_parameter = quote_spanned!(ty.span()=> #inner::REQUIRED.parameter(&self.0));
    let read = quote_spanned!(ty.span()=> #inner::REQUIRED.read(cell));
    quote! {
        #[automatically_derived]
        impl #krate::Value for #ident {
            const TYPE: #krate::ColumnType = #column_type;

            fn to_parameter(&self) -> #krate::Parameter {
                #to_parameter
            }

            fn read(
                cell: #krate::Cell<'_>,
            ) -> ::core::result::Result<#ident, #krate::Mismatch> {
                ::core::result::Result::Ok(#ident(#read?))
            }
        }
    }
}

/// An enum without fields is stored as text.
fn enumeration(value: &Value, variants: &[Variant]) -> TokenStream {
    let Value { ident, krate, .. } = value;
    let names: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let texts: Vec<_> = variants.iter().map(|variant| &variant.text).collect();
    quote! {
        #[automatically_derived]
        impl #krate::Value for #ident {
            const TYPE: #krate::ColumnType = #krate::ColumnType::Text;

            fn to_parameter(&self) -> #krate::Parameter {
                #krate::Parameter::text(match self { #(#ident::#names => #texts),* })
            }

            fn read(
                cell: #krate::Cell<'_>,
            ) -> ::core::result::Result<#ident, #krate::Mismatch> {
                #krate::__private::read_variant(cell, |text| match text {
                    #(#texts => ::core::option::Option::Some(#ident::#names),)*
                    _ => ::core::option::Option::None,
                })
            }
        }
    }
}
