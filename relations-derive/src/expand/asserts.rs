//! Facts for the compiler to check, where they need what only another entity knows.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::relations::{names, target_name};
use crate::model::{Entity, KeyTo, Kind, Property, Relation};

/// One constant a relation, whose evaluation is the check.
pub(super) fn keys(entity: &Entity) -> TokenStream {
    let checks = entity.relations.iter().map(|relation| {
        let check = match (relation.kind, &relation.key_to) {
            (Kind::BelongsTo, KeyTo::Named(keys)) => references_named(entity, relation, keys),
            (Kind::BelongsTo, _) => references_id(entity, relation),
            (_, keys) => has_inverse(entity, relation, keys.names()),
        };
        quote!(const _: () = { #check };)
    });
    quote!(#(#checks)*)
}

/// The foreign key and the target's id are of one type.
fn references_id(entity: &Entity, relation: &Relation) -> TokenStream {
    let (krate, target) = (&entity.krate, &relation.target);
    let key = quote_spanned! {target.span()=>
        let key = #krate::__private::key(&<#target as #krate::Entity>::ID_KEY);
    };
    let references = sources(entity, relation).map(|source| references(entity, source));
    quote!(#key #(#references)*)
}

/// The properties that `key_to` names are there, are a key, and are of the foreign key's types.
fn references_named(entity: &Entity, relation: &Relation, keys: &[Ident]) -> TokenStream {
    let (krate, target) = (&entity.krate, &relation.target);
    let columns = columns(entity, relation);
    if let [only] = keys {
        let key = quote_spanned!(only.span()=> let key = #krate::__private::key(&columns.#only););
        let references = sources(entity, relation).map(|source| references(entity, source));
        return quote!(#columns #key #(#references)*);
    }
    let parts = keys.iter().zip(sources(entity, relation)).map(|(key, source)| {
        let references = references(entity, source);
        let part = quote_spanned! {key.span()=>
            let key = #krate::__private::key_part(&columns.#key);
        };
        quote!(#part #references)
    });
    let (names, to) = (names(keys), target_name(target));
    let message = format!(
        "{} together are not the id of `{to}`; name all of its `#[id]` properties",
        listed(keys),
    );
    let panic = panic(first_span(keys, target.span()), &message);
    quote! {
        #columns
        #(#parts)*
        if !#krate::__private::is_id(<#target as #krate::Entity>::DEFINITION.properties, #names) {
            #panic
        }
    }
}

/// The target belongs to this entity by the same keys.
fn has_inverse(entity: &Entity, relation: &Relation, keys: &[Ident]) -> TokenStream {
    let (krate, ident, target) = (&entity.krate, &entity.ident, &relation.target);
    let written = matches!(relation.key_to, KeyTo::Named(_));
    let unique = relation.kind == Kind::HasOne && keys.len() == 1;
    let columns = (written || unique).then(|| columns(entity, relation));
    let there = keys.iter().filter(|_| written || unique).map(|key| {
        if unique {
            quote_spanned!(key.span()=> #krate::__private::has_one_key(&columns.#key);)
        } else {
            quote_spanned!(key.span()=> let _ = &columns.#key;)
        }
    });
    let (key_to, key_from) = (names(keys), names(&relation.key_from));
    let message = format!(
        "`{to}` does not belong to `{ident}` by {keys}; add `#[belongs_to({ident})]` there, or \
         name the foreign key with `key_to = \"…\"`",
        to = target_name(target),
        keys = listed(keys),
    );
    let panic = panic(first_span(keys, target.span()), &message);
    let relations = quote_spanned! {target.span()=>
        <#target as #krate::Entity>::DEFINITION.relations
    };
    quote! {
        #columns
        #(#there)*
        if !#krate::__private::has_inverse(
            #relations,
            <#ident as #krate::Entity>::NAME,
            #key_to,
            #key_from,
        ) {
            #panic
        }
    }
}

/// The target's facts, as `columns`; a target that is no entity is told here.
fn columns(entity: &Entity, relation: &Relation) -> TokenStream {
    let (krate, target) = (&entity.krate, &relation.target);
    quote_spanned!(target.span()=> let columns = <#target as #krate::Entity>::COLUMNS;)
}

/// The foreign key's type is that of `key`. The known side goes first, so that the error is about
/// the other.
fn references(entity: &Entity, source: &Property) -> TokenStream {
    let (krate, ty) = (&entity.krate, &source.ty);
    quote_spanned! {ty.span()=>
        #krate::__private::references(key, <#ty as #krate::__private::Codecs>::REQUIRED);
    }
}

fn sources<'entity>(
    entity: &'entity Entity,
    relation: &'entity Relation,
) -> impl Iterator<Item = &'entity Property> {
    relation.key_from.iter().filter_map(|name| entity.property(name))
}

fn panic(span: Span, message: &str) -> TokenStream {
    quote_spanned!(span=> ::core::panic!(#message);)
}

fn first_span(keys: &[Ident], otherwise: Span) -> Span {
    keys.first().map_or(otherwise, Ident::span)
}

/// `` `a` `` or `` `a` and `b` ``
fn listed(keys: &[Ident]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| format!("`{}`", key.unraw())).collect();
    keys.join(" and ")
}
