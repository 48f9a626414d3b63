//! The stub that stands in for an item with errors, so that one mistake is one error.
//!
//! It never runs, because the build has failed. It has every item that other code may refer to, and
//! passes every check.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Generics, WhereClause, parse_quote};

use super::columns::{self, facts_ident};
use super::{all_but, asserts, includes, new, one_of, patch, relations};
use crate::model::{Entity, FromRow, Property, Value};

/// The generated items of an entity, as far as they make sense beside its errors.
pub(crate) fn entity(input: &DeriveInput, entity: &Entity) -> TokenStream {
    let generics = &input.generics;
    // Whatever it were, rustc would say of each part of it that it is not shared.
    if !entity.unshared.is_empty() {
        return TokenStream::new();
    }
    let is_an_entity = !(entity.properties.is_empty() && entity.skipped.is_empty());
    if !is_an_entity || !generics.params.is_empty() || generics.where_clause.is_some() {
        return implementation(entity, &[], generics, &quote!(Self), &quote!(()), &quote!(()));
    }
    let (columns, with) = (facts_ident(&entity.ident), includes::ident(entity));
    let facts = entity.properties.iter().map(|Property { ident, .. }| {
        let krate = &entity.krate;
        quote!(#ident: #krate::__private::Unique::FACT)
    });
    let facts = quote!(#columns { #(#facts),* });
    let ids: Vec<_> = entity.ids().collect();
    let products = [
        columns::constants(entity),
        columns::lenient_facts(entity),
        implementation(entity, &ids, generics, &quote!(#with), &quote!(#columns), &facts),
        new::row(entity),
        patch::changes(entity),
        all_but::structs(entity),
        relations::accessors(entity),
        relations::markers(entity),
        one_of::all(entity),
        includes::with(entity),
        asserts::sound_keys(entity),
    ];
    quote!(#(#products)*)
}

/// An `Entity` without properties, by which the core recognises a stub.
fn implementation(
    entity: &Entity,
    ids: &[&Property],
    generics: &Generics,
    with: &TokenStream,
    columns: &TokenStream,
    facts: &TokenStream,
) -> TokenStream {
    let Entity { krate, ident, .. } = entity;
    let name = ident.to_string();
    let id = columns::key_of(entity, ids, |_| TokenStream::new()).0;
    let key = if let [Property { ty, .. }] = ids {
        quote!(#ty)
    } else {
        quote!(#krate::__private::Unknown)
    };
    let (parameters, arguments, _) = generics.split_for_impl();
    let clause = clause(entity, generics);
    let written = entity.read_only().is_none().then(|| {
        quote! {
            #[automatically_derived]
            impl #parameters #krate::repository::Writable for #ident #arguments #clause {}
        }
    });
    quote! {
        #[automatically_derived]
        impl #parameters #krate::Entity for #ident #arguments #clause {
            type Id = #id;
            type Itself = #ident #arguments;
            type With = #with;
            type Visibility = #krate::relation::AllRows;
            type Columns = #columns;
            type IdKey = #krate::__private::Unique<Self, #key>;

            const DEFINITION: &'static #krate::__private::EntityDefinition =
                &#krate::__private::EntityDefinition::new(#name, #name, &[], &[]);
            const NAME: &'static ::core::primitive::str = #name;
            const ID_PROPERTIES: &'static [&'static ::core::primitive::str] = &[];
            const COLUMNS: Self::Columns = #facts;
            const ID_KEY: Self::IdKey = #krate::__private::Unique::FACT;

            fn row_id(&self) -> #id {
                ::core::unreachable!()
            }

            fn each_parameter(&self, _: &mut dyn ::core::ops::FnMut(#krate::__private::Parameter)) {
                ::core::unreachable!()
            }

            fn read(
                _: &#krate::__private::Row<'_>,
                _: ::core::primitive::usize,
            ) -> #krate::Result<Self> {
                ::core::unreachable!()
            }

            fn duplicate(&self) -> Self {
                ::core::unreachable!()
            }

            fn sql_cache() -> &'static #krate::__private::SqlCache {
                ::core::unreachable!()
            }
        }

        #[automatically_derived]
        impl #parameters #krate::query::Identified for #ident #arguments #clause {}

        #written
    }
}

/// The where clause of an entity with generic parameters, which it should not have.
fn clause(entity: &Entity, generics: &Generics) -> Option<WhereClause> {
    let ident = &entity.ident;
    let (_, arguments, clause) = generics.split_for_impl();
    if generics.params.is_empty() {
        return clause.cloned();
    }
    let mut clause = clause.cloned().unwrap_or_else(|| parse_quote!(where));
    clause.predicates.push(parse_quote! {
        #ident #arguments: ::core::marker::Send + ::core::marker::Sync + 'static
    });
    Some(clause)
}

/// A `Value` that can be any property.
pub(crate) fn value(input: &DeriveInput, value: &Value) -> TokenStream {
    let Value { ident, krate, .. } = value;
    let (parameters, arguments, clause) = input.generics.split_for_impl();
    let mut clause = clause.cloned();
    if !input.generics.params.is_empty() {
        clause.get_or_insert_with(|| parse_quote!(where)).predicates.push(parse_quote! {
            #ident #arguments: ::core::clone::Clone + ::core::fmt::Debug
                + ::core::marker::Send + ::core::marker::Sync + 'static
        });
    }
    quote! {
        #[automatically_derived]
        impl #parameters #krate::Value for #ident #arguments #clause {
            const TYPE: #krate::definition::ColumnType = #krate::definition::ColumnType::Text;

            fn to_parameter(&self) -> #krate::value::Parameter {
                ::core::unreachable!()
            }

            fn read(_: #krate::value::Cell<'_>) -> ::core::result::Result<Self, #krate::value::Mismatch> {
                ::core::unreachable!()
            }
        }

        #[automatically_derived]
        impl #parameters #krate::FromRow for #ident #arguments #clause {
            fn from_row(_: &#krate::__private::Row<'_>) -> #krate::Result<Self> {
                ::core::unreachable!()
            }
        }
    }
}

/// An implementation of `FromRow`, unless an entity has one.
pub(crate) fn from_row(input: &DeriveInput, from_row: &FromRow) -> TokenStream {
    let FromRow { ident, krate, .. } = from_row;
    if from_row.is_entity {
        return TokenStream::new();
    }
    let (parameters, arguments, clause) = input.generics.split_for_impl();
    let mut clause = clause.cloned();
    if !input.generics.params.is_empty() {
        let send = parse_quote!(#ident #arguments: ::core::marker::Send);
        clause.get_or_insert_with(|| parse_quote!(where)).predicates.push(send);
    }
    quote! {
        #[automatically_derived]
        impl #parameters #krate::FromRow for #ident #arguments #clause {
            fn from_row(_: &#krate::__private::Row<'_>) -> #krate::Result<Self> {
                ::core::unreachable!()
            }
        }
    }
}
