//! The implementation of `Value` for a user's type.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Type;

use super::columns;
use crate::model::{Value, ValueKind, Variant};

pub(crate) fn value(value: &Value) -> TokenStream {
    match &value.kind {
        ValueKind::Newtype { ty } => newtype(value, ty),
        ValueKind::Enum { variants } => enumeration(value, variants),
        ValueKind::Numbers { variants, repr } => numbers(value, variants, repr),
    }
}

/// A newtype is stored as its value.
fn newtype(value: &Value, ty: &Type) -> TokenStream {
    let Value { ident, krate, .. } = value;
    let column_type = columns::trait_fact(krate, ty, "TYPE");
    let words = columns::trait_fact(krate, ty, "WORDS");
    let codec = columns::trait_fact(krate, ty, "REQUIRED");
    let sql_type = sql_type(value).unwrap_or_else(|| {
        let fact = columns::trait_fact(krate, ty, "SQL_TYPE");
        let bounds = columns::trait_fact(krate, ty, "BOUNDS");
        quote! {
            const SQL_TYPE: ::core::option::Option<&'static ::core::primitive::str> = #fact;
            const BOUNDS: ::core::option::Option<(::core::primitive::i64, ::core::primitive::i64)> =
                #bounds;
        }
    });
    let from_row = from_row(value);
    quote! {
        #[automatically_derived]
        impl #krate::Value for #ident {
            const TYPE: #krate::definition::ColumnType = #column_type;
            #sql_type
            const WORDS: &'static [&'static ::core::primitive::str] = #words;

            fn to_parameter(&self) -> #krate::value::Parameter {
                #codec.parameter(&self.0)
            }

            fn into_parameter(self) -> #krate::value::Parameter {
                #codec.into_parameter(self.0)
            }

            fn read(
                cell: #krate::value::Cell<'_>,
            ) -> ::core::result::Result<#ident, #krate::value::Mismatch> {
                ::core::result::Result::Ok(#ident(#codec.read(cell)?))
            }
        }
        #from_row

        // Under an unused lifetime, because rustc rejects a plain bound that does not hold.
        #[automatically_derived]
        impl #krate::expression::Number for #ident where for<'any> #ty: #krate::expression::Number {}
    }
}

/// An enum without fields is stored as text.
fn enumeration(value: &Value, variants: &[Variant]) -> TokenStream {
    let Value { ident, krate, .. } = value;
    let names: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let texts: Vec<_> = variants.iter().map(|variant| &variant.text).collect();
    let (sql_type, from_row) = (sql_type(value), from_row(value));
    quote! {
        #[automatically_derived]
        impl #krate::Value for #ident {
            const TYPE: #krate::definition::ColumnType = #krate::definition::ColumnType::Text;
            #sql_type
            const WORDS: &'static [&'static ::core::primitive::str] = &[#(#texts),*];

            fn to_parameter(&self) -> #krate::value::Parameter {
                #krate::value::Parameter::text(match self { #(#ident::#names => #texts),* })
            }

            fn read(
                cell: #krate::value::Cell<'_>,
            ) -> ::core::result::Result<#ident, #krate::value::Mismatch> {
                #krate::__private::read_variant(cell, |text| match text {
                    #(#texts => ::core::option::Option::Some(#ident::#names),)*
                    _ => ::core::option::Option::None,
                })
            }
        }
        #from_row
    }
}

/// An enum without fields is stored as the numbers of its variants.
fn numbers(value: &Value, variants: &[Variant], repr: &Ident) -> TokenStream {
    let Value { ident, krate, .. } = value;
    let names: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let (sql_type, from_row) = (sql_type(value), from_row(value));
    let repr = quote!(::core::primitive::#repr);
    quote! {
        #[automatically_derived]
        impl #krate::Value for #ident {
            const TYPE: #krate::definition::ColumnType = <#repr as #krate::Value>::TYPE;
            #sql_type

            fn to_parameter(&self) -> #krate::value::Parameter {
                #krate::Value::to_parameter(&match self { #(#ident::#names => #ident::#names as #repr),* })
            }

            fn read(
                cell: #krate::value::Cell<'_>,
            ) -> ::core::result::Result<#ident, #krate::value::Mismatch> {
                let number = <#repr as #krate::Value>::read(cell)?;
                #(if number == #ident::#names as #repr {
                    return ::core::result::Result::Ok(#ident::#names);
                })*
                ::core::result::Result::Err(#krate::__private::no_variant(&number))
            }
        }
        #from_row
    }
}

/// The type of the column on PostgreSQL, where one is given.
fn sql_type(value: &Value) -> Option<TokenStream> {
    value.sql_type.as_ref().map(|sql_type| {
        quote! {
            const SQL_TYPE: ::core::option::Option<&'static ::core::primitive::str> =
                ::core::option::Option::Some(#sql_type);
        }
    })
}

/// A row of one column is read as the value in it.
fn from_row(value: &Value) -> TokenStream {
    let Value { ident, krate, .. } = value;
    quote! {
        #[automatically_derived]
        impl #krate::value::Element for #ident {}

        #[automatically_derived]
        impl #krate::FromRow for #ident {
            fn from_row(row: &#krate::__private::Row<'_>) -> #krate::Result<#ident> {
                #krate::__private::read_value(row, 0)
            }
        }
    }
}
