//! `OrderWith`: an entity with a slot for each relation that a query may include.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::relations::target_name;
use crate::model::{Entity, Relation};

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
            quote!(<#slot as #krate::include::Slot<#marker<#target>>>)
        })
        .collect();
    let bounds = relations.iter().zip(&slots).map(
        |(Relation { marker, target, .. }, slot)| quote!(#slot: #krate::include::Slot<#marker<#target>>),
    );
    let index: Vec<_> = (0..relations.len()).map(syn::Index::from).collect();
    // Variables with names of the derive's own, which cannot be those of relations.
    let read: Vec<_> = (0..relations.len()).map(|index| format_ident!("slot_{index}")).collect();
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
        impl<#(#bounds),*> #krate::include::Loaded for #with<#(#slots),*> {
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
                let slots = (#(#facts::read(row, plan, #index, &inner)?,)*);
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
                    (#(#facts::branch(plan, #index),)*),
                    |branches, each| {
                        #(each(&mut branches.#index);)*
                    },
                    |inner, branches| {
                        let slots = (#(#facts::take(&mut branches.#index, &inner)?,)*);
                        #together
                    },
                )
            }
        }
    }
}

/// For each relation, the entity with another type in its slot.
fn includes(entity: &Entity) -> impl Iterator<Item = TokenStream> {
    let (krate, with, slots) = (&entity.krate, ident(entity), slots(entity));
    let (inner, names) = (inner(entity), names(entity));
    entity.relations.iter().enumerate().map(
        move |(index, Relation { marker, target, name, .. })| {
            let slot = slots.get(index);
            let filled = slots
                .iter()
                .enumerate()
                .map(|(other, slot)| if other == index { quote!(__Filled) } else { quote!(#slot) });
            let others: Vec<_> = names.iter().filter(|other| **other != name).collect();
            quote! {
                #[automatically_derived]
                impl<#(#slots),*> #krate::include::Include<#marker<#target>> for #with<#(#slots),*> {
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
        },
    )
}

/// The name of the field that holds the entity. No relation and no field of the entity has it,
/// because it would hide the latter.
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

/// The type parameters beside user types, which may have the name of a target.
///
/// Their span is the derive's: otherwise rustc would suggest a further parameter for a target that
/// does not exist, in a second error.
fn slots(entity: &Entity) -> Vec<Ident> {
    let slot =
        |relation: &Relation| format_ident!("__With{}", relation.slot, span = Span::call_site());
    entity.relations.iter().map(slot).collect()
}
