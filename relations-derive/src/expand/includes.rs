//! `OrderWith`: an order with a place for each relation that a query may include.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::relations::target_name;
use crate::model::{Entity, Relation};

/// The entity with a place for each relation: itself where it has none.
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
    let with = ident(entity);
    let inner = inner(entity);
    let (names, slots) = (names(entity), slots(entity));
    let parameters = relations.iter().map(|relation| &relation.slot);
    let doc = format!(
        " A [`{of}`] with what a query included; what it did not include is [`NotIncluded`].\n\n\
         It derefs to the `{of}`.\n\n[`NotIncluded`]: {}::NotIncluded",
        quote!(#krate).to_string().replace(' ', "").trim_start_matches("::"),
    );
    let fields = relations.iter().map(|relation| {
        let Relation { name, slot, target, .. } = relation;
        let doc = format!(" The `{}` of `{of}.{}`.", target_name(target), name.unraw());
        quote!(#[doc = #doc] #vis #name: #slot)
    });
    let members = relations
        .iter()
        .zip(&slots)
        .map(|(Relation { name, member, .. }, slot)| quote!(#name: #slot = #member));
    let into_inner = format!(" The `{of}` without what was included.");
    let (loaded, includes) = (loaded(entity), includes(entity));
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

        #[automatically_derived]
        impl<#(#slots),*> ::core::ops::Deref for #with<#(#slots),*> {
            type Target = #of;

            fn deref(&self) -> &#of {
                &self.#inner
            }
        }

        #[automatically_derived]
        impl ::core::convert::From<#of> for #with {
            fn from(inner: #of) -> Self {
                #with { #inner: inner, #(#names: #krate::NotIncluded),* }
            }
        }

        #[automatically_derived]
        impl<#(#slots),*> ::core::ops::DerefMut for #with<#(#slots),*> {
            fn deref_mut(&mut self) -> &mut #of {
                &mut self.#inner
            }
        }

        #krate::__private::with! { #with of #of in #inner { #(#members),* } }

        #loaded
        #(#includes)*
    }
}

/// The code that reads the entity and attaches its relations.
fn loaded(entity: &Entity) -> TokenStream {
    let Entity { krate, ident: of, relations, .. } = entity;
    let (with, inner) = (ident(entity), inner(entity));
    let (names, slots) = (names(entity), slots(entity));
    let facts: Vec<_> = relations
        .iter()
        .zip(&slots)
        .map(|(Relation { marker, target, .. }, slot)| {
            quote!(<#slot as #krate::Slot<#marker<#target>>>)
        })
        .collect();
    let bounds = relations.iter().zip(&slots).map(
        |(Relation { marker, target, .. }, slot)| quote!(#slot: #krate::Slot<#marker<#target>>),
    );
    let at: Vec<_> = (0..relations.len()).map(syn::Index::from).collect();
    // Bound under names of the derive's own, beside which no relation's stands.
    let read: Vec<_> = (0..relations.len()).map(|at| format_ident!("slot_{at}")).collect();
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
        impl<#(#bounds),*> #krate::Loaded for #with<#(#slots),*> {
            type Entity = #of;
            type With = Self;

            fn entity(&self) -> &#of {
                &self.#inner
            }

            fn with(self) -> Self {
                self
            }

            fn read(
                row: &#krate::__private::Row<'_>,
                plan: &#krate::__private::Plan,
            ) -> #krate::Result<::core::option::Option<Self>> {
                let inner = <#of as #krate::Entity>::read(row, plan.from())?;
                let slots = (#(#facts::read(row, plan, #at, &inner)?,)*);
                #together
            }

            fn duplicate(&self) -> Self {
                #with {
                    #inner: <#of as #krate::Entity>::duplicate(&self.#inner),
                    #(#names: #facts::duplicate(&self.#names),)*
                }
            }

            fn branches(
                plan: &#krate::__private::Plan,
            ) -> #krate::__private::Box<dyn #krate::__private::Branches<Self>> {
                #krate::__private::branches(
                    (#(#facts::branch(plan, #at),)*),
                    |branches, each| {
                        #(each(&mut branches.#at);)*
                    },
                    |inner, branches| {
                        let slots = (#(#facts::take(&mut branches.#at, &inner)?,)*);
                        #together
                    },
                )
            }
        }
    }
}

/// For each relation, the entity with something else in its place.
fn includes(entity: &Entity) -> impl Iterator<Item = TokenStream> {
    let (krate, with, slots) = (&entity.krate, ident(entity), slots(entity));
    let (inner, names) = (inner(entity), names(entity));
    entity.relations.iter().enumerate().map(move |(at, Relation { marker, target, name, .. })| {
        let slot = slots.get(at);
        let filled = slots
            .iter()
            .enumerate()
            .map(|(other, slot)| if other == at { quote!(__Filled) } else { quote!(#slot) });
        let others: Vec<_> = names.iter().filter(|other| **other != name).collect();
        quote! {
            #[automatically_derived]
            impl<#(#slots),*> #krate::Include<#marker<#target>> for #with<#(#slots),*> {
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
    })
}

/// The field that holds the entity, which no relation is called, nor any field of the entity's own:
/// it would stand before that.
fn inner(entity: &Entity) -> Ident {
    let relations = entity.relations.iter().map(|relation| &relation.name);
    let properties = entity.properties.iter().map(|property| &property.ident);
    let taken: Vec<_> =
        relations.chain(properties).chain(&entity.skipped).map(IdentExt::unraw).collect();
    let mut inner = "entity".to_owned();
    while taken.iter().any(|name| *name == inner) {
        inner.insert_str(0, "the_");
    }
    format_ident!("{inner}")
}

fn names(entity: &Entity) -> Vec<&Ident> {
    entity.relations.iter().map(|relation| &relation.name).collect()
}

/// The type parameters where types of the user are named too, which a target may be called like.
///
/// Their place is the derive's: beside one in the user's words rustc would offer to write a target
/// that is not there as a further parameter, and tell of it once more to do so.
fn slots(entity: &Entity) -> Vec<Ident> {
    let slot =
        |relation: &Relation| format_ident!("__With{}", relation.slot, span = Span::call_site());
    entity.relations.iter().map(slot).collect()
}
