//! The check that a foreign key fits the distribution of rows over the servers of a cluster.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;

use super::asserts::{first_span, panic};
use super::relations::{target_name, trait_fact};
use crate::model::{Entity, Kind, Relation};

/// A row is on the server of its targets, or each server has all of these.
pub(super) fn check(entity: &Entity, relation: &Relation) -> Option<TokenStream> {
    let Entity { krate, ident, .. } = entity;
    let target = &relation.target;
    if relation.kind != Kind::BelongsTo {
        return None;
    }
    let (of, to) = (ident.to_string(), target_name(target));
    let definition = trait_fact(entity, relation, "DEFINITION");
    let local = || {
        panic(
            target.span(),
            &format!(
                "`{to}` is distributed, so that only what is distributed likewise can belong to it; `{of}` \
                 is not",
            ),
        )
    };
    if entity.distributed_by.is_none() {
        relation.foreign_key.as_ref()?;
        let local = local();
        return Some(quote!(if #krate::__private::is_distributed(#definition) { #local }));
    }
    let marker = &relation.marker;
    let keys = &relation.key_from;
    let apart = if relation.attrs.of_kind.is_some() {
        format!(
            "`{of}` and `{to}` are distributed, and a kind and a key do not tell the server of a target; \
             make each a `#[belongs_to]` with a key of its own, and `#[one_of]` of these relations",
        )
    } else {
        format!(
            "`{of}` and `{to}` are distributed, so this key has to hold what both are distributed by, at \
             the same place of `key_from` and `key_to`",
        )
    };
    let apart = panic(first_span(keys, target.span()), &apart);
    let types = panic(
        first_span(keys, target.span()),
        &format!(
            "`{of}` and `{to}` are distributed by columns of two types, so that equal values may be on \
             two servers; give both one `#[column(type = \"…\")]`",
        ),
    );
    let unknown = relation.foreign_key.as_ref().map(|_| {
        let unknown = panic(
            target.span(),
            &format!(
                "`{of}` is distributed, and cannot belong to `{to}`, which is on one server; mark `{to}` \
                 `#[entity(reference)]`, or distribute it too",
            ),
        );
        quote!(#krate::__private::Colocated::OnOneServer => { #unknown })
    });
    Some(quote! {
        match #krate::__private::colocated(
            <#ident as #krate::Entity>::DEFINITION,
            #definition,
            <#marker<#target> as #krate::Relation>::DEFINITION,
        ) {
            #krate::__private::Colocated::Apart => { #apart }
            #krate::__private::Colocated::OfTwoTypes => { #types }
            #unknown
            _ => {}
        }
    })
}
