//! The structs that are generated for an entity, and serde's attributes on them.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Path, parse_quote};

use crate::model::{self, Entity, Property, StructOptions, serde_path};

/// A struct that is generated for an entity.
pub(super) struct GeneratedStruct<'e> {
    entity: &'e Entity,
    name: &'e Ident,
    options: Option<&'e StructOptions>,
}

impl<'e> GeneratedStruct<'e> {
    pub(super) fn of(
        entity: &'e Entity,
        name: &'e Ident,
        options: Option<&'e StructOptions>,
    ) -> Self {
        Self { entity, name, options }
    }

    /// The traits that it derives as well, each behind a comma.
    pub(super) fn derives(&self) -> TokenStream {
        let derives = self.options.map_or(&[][..], |options| &options.derives);
        quote!(#(, #derives)*)
    }

    /// The options of serde's for the struct. Unknown members are errors.
    pub(super) fn options(&self) -> Option<TokenStream> {
        let options = &self.entity.serde;
        self.is_serde().then(|| quote!(#[serde(deny_unknown_fields #(, #options)*)]))
    }

    /// The options of serde's for a field, which holds the property or an `Option` of it.
    pub(super) fn field(&self, property: &Property, is_optional: bool) -> Option<TokenStream> {
        if !self.is_serde() {
            return None;
        }
        let model::SerdeField { names, codec, unread } = &property.attrs.serde;
        let mut options: Vec<_> = names.iter().map(ToTokens::to_token_stream).collect();
        if unread.is_some() {
            options.push(quote!(skip_deserializing));
        }
        if is_optional {
            // An `Option` of serde's own reads `null` as `None`, which is another thing here.
            let reader = format!("{}::{}", self.name, reader(property));
            options.push(quote!(default, skip_serializing_if = "::core::option::Option::is_none"));
            if unread.is_none() {
                options.push(quote!(deserialize_with = #reader));
            }
        } else {
            options.extend(codec.iter().map(ToTokens::to_token_stream));
        }
        (!options.is_empty()).then(|| quote!(#[serde(#(#options),*)]))
    }

    /// The functions that read fields which are an `Option` of the property: what is there is `Some`.
    pub(super) fn readers(
        &self,
        properties: impl Iterator<Item = &'e Property>,
    ) -> Option<TokenStream> {
        let krate = self.entity.serde.iter().find(|option| option.path().is_ident("crate"));
        let serde: Path = krate.and_then(serde_path).unwrap_or_else(|| parse_quote!(::serde));
        let read = properties.filter(|property| property.attrs.serde.unread.is_none()).map(|one| {
            let (reader, ty) = (reader(one), &one.full_type);
            let deserialize = one.attrs.serde.deserialize().map_or_else(
                || quote!(<#ty as #serde::Deserialize>::deserialize),
                ToTokens::into_token_stream,
            );
            quote! {
                fn #reader<'de, D: #serde::Deserializer<'de>>(
                    from: D,
                ) -> ::core::result::Result<::core::option::Option<#ty>, D::Error> {
                    #deserialize(from).map(::core::option::Option::Some)
                }
            }
        });
        let (name, read) = (self.name, read.collect::<Vec<_>>());
        (self.derives_trait("Deserialize") && !read.is_empty()).then(|| {
            quote! {
                #[automatically_derived]
                #[allow(non_snake_case)]
                impl #name { #(#read)* }
            }
        })
    }

    fn is_serde(&self) -> bool {
        self.derives_trait("Deserialize") || self.derives_trait("Serialize")
    }

    fn derives_trait(&self, name: &str) -> bool {
        self.options.is_some_and(|options| options.derives(name))
    }
}

/// The function that reads a field.
fn reader(property: &Property) -> Ident {
    format_ident!("__read_{}", property.name)
}
