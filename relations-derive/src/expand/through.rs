//! Many-to-many relations: the link that they go through.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::asserts::panic;
use super::relations::{filter, names, target_name, trait_fact, trait_fact_of};
use super::tokens::respan;
use crate::model::{End, Entity, Relation, Through};

/// The facts about the link, to be added to those about the relation.
pub(super) fn definition(entity: &Entity, relation: &Relation, through: &Through) -> TokenStream {
    let krate = &entity.krate;
    let link = |fact| trait_fact_of(krate, &through.link, fact);
    let (name, definition, belongs_to) = (link("NAME"), link("DEFINITION"), link("BELONGS_TO"));
    let sides = [source_name(entity), trait_fact(entity, relation, "NAME")];
    let ends = [&through.from, &through.to].into_iter().zip(sides).map(|(end, side)| {
        let named = named(end);
        quote!(#krate::__private::leading(#belongs_to, #side, #named))
    });
    let filter = through
        .filter
        .as_ref()
        .map(|written| filter(entity, &trait_fact_of(krate, &through.link, "Itself"), written));
    let order_by = through.order_by.as_ref().map(|written| order_by(entity, through, written));
    quote! {
        .through(#krate::__private::ThroughDefinition::new(
            #krate::__private::TargetDefinition::new(#name, || #definition),
            #(#ends),*
        ) #filter #order_by)
    }
}

/// The order of the targets by their links, which is made once. The error of one that is not of the link
/// underlines it.
fn order_by(
    entity: &Entity,
    through: &Through,
    (order, text): &(TokenStream, String),
) -> TokenStream {
    let krate = &entity.krate;
    let of = trait_fact_of(krate, &through.link, "Itself");
    let span = order.span();
    let at_krate = respan(span, krate);
    let order = quote_spanned! {span=>
        #at_krate::__private::link_order::<#of, _>(#order)
    };
    quote! {
        .order_by(#krate::__private::LinkOrder::new(#text, || {
            static ORDER: #krate::__private::DeclaredCell = #krate::__private::DeclaredCell::new();
            #krate::__private::link_order_of(&ORDER, || #order)
        }))
    }
}

/// The implementation of `Linked`, which says whether the link consists of its keys alone.
pub(super) fn implementation(
    entity: &Entity,
    relation: &Relation,
    through: &Through,
) -> TokenStream {
    let (krate, Relation { marker, target, .. }) = (&entity.krate, relation);
    let link = trait_fact_of(krate, &through.link, "DEFINITION");
    quote! {
        #[automatically_derived]
        impl #krate::relation::Linked for #marker<#target> {
            type Linking = #krate::__private::Linking<{
                #krate::__private::is_alone(
                    #link,
                    <#marker<#target> as #krate::Relation>::DEFINITION,
                )
            }, {
                #krate::__private::is_once(
                    #link,
                    <#marker<#target> as #krate::Relation>::DEFINITION,
                )
            }, {
                #link.read_only.is_none()
            }>;
        }
    }
}

/// The implementation of `ManyToMany`, which names the link. It is a parameter, as the link may be less visible
/// than both sides.
pub(super) fn link_entity(entity: &Entity, relation: &Relation, through: &Through) -> TokenStream {
    let (krate, Relation { marker, target, .. }) = (&entity.krate, relation);
    let link = trait_fact_of(krate, &through.link, "Itself");
    quote! {
        #[automatically_derived]
        impl #krate::relation::ManyToMany<#link> for #marker<#target> {}
    }
}

/// The link belongs to both sides by different relations, one of which leads to this entity's key.
pub(super) fn check(entity: &Entity, relation: &Relation, through: &Through) -> TokenStream {
    let Entity { krate, ident, .. } = entity;
    let Relation { marker, target, key_from, .. } = relation;
    let link = target_name(&through.link);
    let from = end(entity, relation, through, true);
    let to = end(entity, relation, through, false);
    let one_relation = panic(
        through.link.span(),
        &format!(
            "`{link}` belongs to `{ident}` once, and has to lead both ways; add another \
             `#[belongs_to({ident})]` there, or go through another entity",
        ),
    );
    let written = relation.attrs.options.key_from.as_ref().and_then(|keys| keys.names.first());
    let other_key = panic(
        written.map_or(through.link.span(), Ident::span),
        &format!(
            "`{link}` leads to another key of `{ident}`; name that key with `key_from = \"…\"`",
        ),
    );
    let of_kind = panic(
        through.link.span(),
        &format!(
            "`{link}` leads there by a kind and an id, and a link has foreign keys; write `#[has_many({link}, …)]` \
             and follow it with `.then(…)`",
        ),
    );
    let key_from = names(key_from);
    let to_entity = target_name(target);
    let no_id = panic(
        target.span(),
        &format!(
            "`{to_entity}` has no id, by which rows that several links lead to are told apart; mark a property of it \
             with `#[id]`",
        ),
    );
    let definition = trait_fact(entity, relation, "DEFINITION");
    quote! {
        #from
        #to
        if !#krate::__private::has_id(#definition) { #no_id }
        match #krate::__private::ends(
            <#marker<#target> as #krate::Relation>::DEFINITION,
            #key_from,
        ) {
            #krate::__private::Ends::Sound => {}
            #krate::__private::Ends::OneRelation => { #one_relation }
            #krate::__private::Ends::OtherKey => { #other_key }
            #krate::__private::Ends::OfKind => { #of_kind }
        }
    }
}

/// Exactly one relation of the link leads to the side, or the named one does.
fn end(entity: &Entity, relation: &Relation, through: &Through, is_source: bool) -> TokenStream {
    let krate = &entity.krate;
    let (source, target) = (entity.ident.unraw().to_string(), target_name(&relation.target));
    let link = target_name(&through.link);
    let (end, side, to) = if is_source {
        (&through.from, source_name(entity), &source)
    } else {
        (&through.to, trait_fact(entity, relation, "NAME"), &target)
    };
    let span = span(end, through.link.span());
    let (missing, ambiguous) = match end {
        End::Only => (
            format!(
                "`{link}` does not belong to `{to}`; add `#[belongs_to({to})]` there, or go \
                 through another entity",
            ),
            format!(
                "`{link}` belongs to `{to}` several times; name the way with {}",
                if source == target {
                    "`from = \"…\"` and `to = \"…\"`"
                } else if is_source {
                    "`from = \"…\"`"
                } else {
                    "`to = \"…\"`"
                },
            ),
        ),
        End::Named(name) => {
            let name = name.unraw();
            (
                format!(
                    "`{link}` has no `#[belongs_to]` named `{name}`; name one that leads to `{to}`",
                ),
                format!(
                    "`{name}` of `{link}` does not lead to `{to}`; name a `#[belongs_to]` that does",
                ),
            )
        }
    };
    let (missing, ambiguous) = (panic(span, &missing), panic(span, &ambiguous));
    let (definition, named) = (trait_fact_of(krate, &through.link, "DEFINITION"), named(end));
    quote! {
        match #krate::__private::end(#definition, #side, #named) {
            #krate::__private::End::Found => {}
            #krate::__private::End::Missing => { #missing }
            #krate::__private::End::Ambiguous => { #ambiguous }
        }
    }
}

fn source_name(entity: &Entity) -> TokenStream {
    let (krate, ident) = (&entity.krate, &entity.ident);
    quote!(<#ident as #krate::Entity>::NAME)
}

/// The name of a relation of the link, if one is given.
fn named(end: &End) -> TokenStream {
    match end {
        End::Only => quote!(::core::option::Option::None),
        End::Named(name) => {
            let text = name.unraw().to_string();
            quote_spanned!(name.span()=> ::core::option::Option::Some(#text))
        }
    }
}

fn span(end: &End, otherwise: Span) -> Span {
    match end {
        End::Only => otherwise,
        End::Named(name) => name.span(),
    }
}
