//! `OrderWith`: an entity with a slot for each relation that a query may include.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::one_of;
use super::relations::target_name;
use crate::model::{Entity, OneOf, Relation};

/// A place of an entity with its relations: a relation, or one of several.
pub(super) struct Place<'e> {
    pub(super) name: &'e Ident,
    parameter: &'e Ident,
    member: &'e str,
    /// The type that stands for it.
    marker: TokenStream,
    /// The position of the relation, or of the first of several.
    index: usize,
    doc: String,
}

/// The places of an entity with its relations. Those of which a row follows one share a place.
pub(super) fn places(entity: &Entity) -> Vec<Place<'_>> {
    let of = &entity.ident;
    let arms = || entity.one_of.iter().flat_map(|one_of| &one_of.arms);
    let alone = entity.relations.iter().enumerate();
    let alone = alone.filter(|(at, _)| !arms().any(|arm| arm.at == Some(*at)));
    let alone = alone.map(|(index, relation)| {
        let Relation { name, slot, member, marker, target, .. } = relation;
        let doc = format!(" The `{}` of `{of}.{}`.", target_name(target), name.unraw());
        let marker = quote!(#marker<#target>);
        Place { name, parameter: slot, member, marker, index, doc }
    });
    let several = entity.one_of.iter().filter_map(|one_of| {
        let OneOf { name, slot, member, arms, .. } = one_of;
        let index = arms.first()?.at?;
        let doc = format!(" The target of `{of}.{}`.", name.unraw());
        let marker = one_of::marker(entity, one_of);
        Some(Place { name, parameter: slot, member, marker, index, doc })
    });
    alone.chain(several).collect()
}

/// The entity with a slot for each relation; the entity itself if it has no relations.
pub(super) fn ident(entity: &Entity) -> Ident {
    if entity.relations.is_empty() {
        entity.ident.clone()
    } else {
        format_ident!("{}With", entity.ident)
    }
}

pub(super) fn with(entity: &Entity) -> TokenStream {
    let Entity { krate, ident: of, vis, relations, .. } = entity;
    if relations.is_empty() {
        return TokenStream::new();
    }
    let (with, places) = (ident(entity), places(entity));
    let inner = inner(entity);
    let slots = slots(&places);
    let parameters = places.iter().map(|place| place.parameter);
    let doc = format!(
        " A [`{of}`] with what a query included; what it did not include is [`NotIncluded`].\n\n\
         It derefs to the `{of}`.\n\n[`NotIncluded`]: {}::NotIncluded",
        quote!(#krate).to_string().replace(' ', "").trim_start_matches("::"),
    );
    let fields = places
        .iter()
        .map(|Place { name, parameter, doc, .. }| quote!(#[doc = #doc] #vis #name: #parameter));
    let members = places.iter().zip(&slots).map(
        |(Place { name, member, marker, .. }, slot)| quote!(#name: #slot = #member as #marker),
    );
    let all_members = (!entity.one_of.is_empty()).then(|| {
        let members = relations.iter().map(|relation| &relation.member);
        quote!([#(#members),*])
    });
    let into_inner = format!(" The `{of}` without what was included.");
    let (loaded, includes) = (loaded(entity, &places), includes(entity, &places));
    quote! {
        #[doc = #doc]
        #[allow(dead_code, private_interfaces, private_bounds)]
        #vis struct #with<#(#parameters = #krate::NotIncluded),*> {
            #inner: #of,
            #(#fields),*
        }

        #[automatically_derived]
        #[allow(dead_code)]
        impl<#(#slots),*> #with<#(#slots),*> {
            #[doc = #into_inner]
            #vis fn into_inner(self) -> #of {
                self.#inner
            }
        }

        #krate::__private::with! { #with of #of in #inner { #(#members),* } #all_members }

        #loaded
        #(#includes)*
    }
}

/// The code that reads the entity and attaches its relations.
fn loaded(entity: &Entity, places: &[Place<'_>]) -> TokenStream {
    let Entity { krate, ident: of, .. } = entity;
    let (with, inner) = (ident(entity), inner(entity));
    let (names, slots) = (names(places), slots(places));
    let markers: Vec<_> = places.iter().map(|place| &place.marker).collect();
    let facts: Vec<_> = slots
        .iter()
        .zip(&markers)
        .map(|(slot, marker)| quote!(<#slot as #krate::include::Slot<#marker>>))
        .collect();
    let branch: Vec<_> = (0..places.len()).map(syn::Index::from).collect();
    let index: Vec<_> = places.iter().map(|place| syn::Index::from(place.index)).collect();
    // Variables with names of the derive's own, which cannot be those of relations.
    let read: Vec<_> = (0..places.len()).map(|index| format_ident!("slot_{index}")).collect();
    let together = quote! {
        ::core::result::Result::Ok(
            if let (#(::core::option::Option::Some(#read),)*) = slots {
                ::core::option::Option::Some(#with { #inner: inner, #(#names: #read),* })
            } else {
                ::core::option::Option::None
            },
        )
    };
    quote! {
        #[automatically_derived]
        impl<#(#slots: #krate::include::Slot<#markers>),*> #krate::include::Loaded for #with<#(#slots),*> {
            type Entity = #of;
            type With = Self;
            type Own = #of;

            fn entity(&self) -> ::core::option::Option<&#of> {
                ::core::option::Option::Some(&self.#inner)
            }

            fn with(self) -> Self {
                self
            }

            fn read(
                row: &#krate::__private::Row<'_>,
                plan: &#krate::__private::RowPlan,
            ) -> #krate::Result<::core::option::Option<Self>> {
                let inner = <#of as #krate::Entity>::read(row, plan.from())?;
                let slots = (#(#facts::read(row, plan, #index, ::core::option::Option::Some(&inner))?,)*);
                #together
            }

            fn duplicate(&self) -> Self {
                #with {
                    #inner: <#of as #krate::Entity>::duplicate(&self.#inner),
                    #(#names: #facts::duplicate(&self.#names),)*
                }
            }

            fn branches(
                plan: &#krate::__private::RowPlan,
            ) -> #krate::__private::Box<dyn #krate::__private::Branches<Self>> {
                #krate::__private::branches(
                    (#(#facts::branch(plan, #index),)*),
                    |branches, each| {
                        #(each(&mut branches.#branch);)*
                    },
                    |inner, branches| {
                        let slots = (#(#facts::take(&mut branches.#branch, ::core::option::Option::Some(&inner))?,)*);
                        #together
                    },
                )
            }
        }
    }
}

/// For each place, the entity with another type in it.
fn includes(entity: &Entity, places: &[Place<'_>]) -> Vec<TokenStream> {
    let (krate, with, slots) = (&entity.krate, ident(entity), slots(places));
    let (inner, names) = (inner(entity), names(places));
    let include = |(index, Place { marker, name, .. }): (usize, &Place<'_>)| {
        let slot = slots.get(index);
        let filled = slots
            .iter()
            .enumerate()
            .map(|(other, slot)| if other == index { quote!(__Filled) } else { quote!(#slot) });
        let others: Vec<_> = names.iter().filter(|other| *other != name).collect();
        quote! {
            #[automatically_derived]
            impl<#(#slots),*> #krate::include::Include<#marker> for #with<#(#slots),*> {
                type Slot = #slot;
                type With<__Filled: ::core::marker::Send> = #with<#(#filled),*>;

                fn put<__Filled: ::core::marker::Send>(
                    self,
                    filled: __Filled,
                ) -> Self::With<__Filled> {
                    #with { #inner: self.#inner, #name: filled, #(#others: self.#others),* }
                }
            }
        }
    };
    places.iter().enumerate().map(include).collect()
}

/// The name of the field that holds the entity. No relation and no field of the entity has it,
/// because it would hide the latter.
fn inner(entity: &Entity) -> Ident {
    let relations = entity.relations.iter().map(|relation| &relation.name);
    let relations = relations.chain(entity.one_of.iter().map(|one_of| &one_of.name));
    let properties = entity.properties.iter().map(|property| &property.ident);
    let taken: Vec<_> =
        relations.chain(properties).chain(&entity.skipped).map(IdentExt::unraw).collect();
    let mut inner = "entity".to_owned();
    while taken.iter().any(|name| *name == inner) {
        inner.insert_str(0, "the_");
    }
    format_ident!("{inner}")
}

fn names<'e>(places: &[Place<'e>]) -> Vec<&'e Ident> {
    places.iter().map(|place| place.name).collect()
}

/// The type parameters beside user types, which may have the name of a target.
///
/// Their span is the derive's: otherwise rustc would suggest a further parameter for a target that
/// does not exist, in a second error.
fn slots(places: &[Place<'_>]) -> Vec<Ident> {
    let slot =
        |place: &Place<'_>| format_ident!("__With{}", place.parameter, span = Span::call_site());
    places.iter().map(slot).collect()
}
