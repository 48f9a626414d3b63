//! Relations: a type that stands for each, its constant and its accessor.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Path};

use super::columns;
use crate::model::{Action, Entity, ForeignKey, KeyTo, Kind, Relation};

/// `Order::CUSTOMER` and `order.customer(&db)`
pub(super) fn accessors(entity: &Entity) -> TokenStream {
    let (ident, vis, krate) = (&entity.ident, &entity.vis, &entity.krate);
    if entity.relations.is_empty() {
        return TokenStream::new();
    }
    let items = entity.relations.iter().map(|relation| {
        let Relation { name, constant, marker, target, .. } = relation;
        let (of, to) = (ident.to_string(), target_name(target));
        let doc = match relation.kind {
            Kind::BelongsTo => format!(" The `{to}` that a `{of}` belongs to."),
            Kind::HasMany => format!(" The `{to}`s of a `{of}`."),
            Kind::HasOne => format!(" The `{to}` of a `{of}`."),
        };
        let targets = match (relation.kind, relation.optional) {
            (Kind::HasMany, _) => quote!(#krate::__private::Vec<#target>),
            (_, true) => quote!(::core::option::Option<#target>),
            (_, false) => quote!(#target),
        };
        let follow = quote_spanned! {target.span()=>
            #krate::__private::follow::<#marker>(self, db)
        };
        quote! {
            #[doc = #doc]
            #vis const #constant: #krate::Related<#marker> = #krate::Related::RELATION;

            #[doc = #doc]
            ///
            /// # Errors
            ///
            /// The database cannot be reached, or a constraint that promises a target is broken.
            #vis fn #name<'db>(
                &'db self,
                db: &'db impl #krate::Executor,
            ) -> impl ::core::future::Future<Output = #krate::Result<#targets>>
            + ::core::marker::Send
            + 'db {
                #follow
            }
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(dead_code, private_interfaces)]
        impl #ident { #(#items)* }
    }
}

/// The type that stands for each relation.
pub(super) fn markers(entity: &Entity) -> TokenStream {
    let (vis, krate) = (&entity.vis, &entity.krate);
    let markers = entity.relations.iter().map(|relation| {
        let (marker, target, source) = (&relation.marker, &relation.target, &entity.ident);
        let target_type = quote_spanned!(target.span()=> <#target as #krate::Entity>::Itself);
        let arity = match (relation.kind, relation.optional) {
            (Kind::HasMany, _) => quote!(#krate::Many),
            (_, true) => quote!(#krate::Optional),
            (_, false) => quote!(#krate::Required),
        };
        let definition = definition(entity, relation);
        let (key_type, key) = key(entity, relation);
        quote! {
            #[doc(hidden)]
            #[allow(dead_code, missing_debug_implementations, unreachable_pub)]
            #vis enum #marker {}

            #[automatically_derived]
            impl #krate::Relation for #marker {
                type Source = #source;
                type Target = #target_type;
                type Key = #key_type;
                type Arity = #arity;

                const DEFINITION: &'static #krate::__private::RelationDefinition = &#definition;

                fn key(source: &#source) -> ::core::option::Option<#key_type> {
                    #key
                }
            }
        }
    });
    quote!(#(#markers)*)
}

/// What is known of a relation, as a constant expression.
fn definition(entity: &Entity, relation: &Relation) -> TokenStream {
    let krate = &entity.krate;
    let Relation { name, target, .. } = relation;
    let (name, source) = (name.unraw().to_string(), entity.ident.to_string());
    let kind = match relation.kind {
        Kind::BelongsTo => quote!(BelongsTo),
        Kind::HasMany => quote!(HasMany),
        Kind::HasOne => quote!(HasOne),
    };
    let target_definition = quote_spanned! {target.span()=>
        #krate::__private::TargetDefinition::new(
            <#target as #krate::Entity>::NAME,
            || <#target as #krate::Entity>::DEFINITION,
        )
    };
    let key_from = names(&relation.key_from);
    let key_to = match &relation.key_to {
        KeyTo::Id => quote_spanned!(target.span()=> <#target as #krate::Entity>::ID_PROPERTIES),
        KeyTo::Named(keys) | KeyTo::Inverse(keys) => names(keys),
    };
    let optional = relation.optional.then(|| quote!(.optional()));
    let indexed = relation.indexed.then(|| quote!(.indexed()));
    let foreign_key = relation.foreign_key.as_ref().map(|foreign_key| {
        let foreign_key = constraint(entity, foreign_key);
        quote!(.foreign_key(#foreign_key))
    });
    quote! {
        #krate::__private::RelationDefinition::new(
            #krate::__private::RelationKind::#kind,
            #name,
            #source,
            #target_definition,
            #key_from,
            #key_to,
        )
        #optional #foreign_key #indexed
    }
}

fn constraint(entity: &Entity, foreign_key: &ForeignKey) -> TokenStream {
    let krate = &entity.krate;
    let name = foreign_key.name.as_ref().map(|name| quote!(.named(#name)));
    let on_delete = action(entity, foreign_key.on_delete).map(|action| quote!(.on_delete(#action)));
    let on_update = action(entity, foreign_key.on_update).map(|action| quote!(.on_update(#action)));
    quote!(#krate::__private::ForeignKeyDefinition::new() #name #on_delete #on_update)
}

/// What a constraint does, unless it does nothing.
fn action(entity: &Entity, action: Action) -> Option<TokenStream> {
    let krate = &entity.krate;
    let action = match action {
        Action::NoAction => return None,
        Action::Restrict => quote!(Restrict),
        Action::Cascade => quote!(Cascade),
        Action::SetNull => quote!(SetNull),
        Action::SetDefault => quote!(SetDefault),
    };
    Some(quote!(#krate::__private::Action::#action))
}

/// The type of the key, and the expression that takes it from `source`; `None` where a part of it
/// is null.
fn key(entity: &Entity, relation: &Relation) -> (TokenStream, TokenStream) {
    let parts = relation.key_from.iter().filter_map(|name| entity.property(name));
    let (types, values): (Vec<_>, Vec<_>) = parts
        .map(|property| {
            let field = &property.ident;
            let value = if property.nullable {
                quote!(::core::option::Option::as_ref(&source.#field)?)
            } else {
                quote!(&source.#field)
            };
            let value = quote!(::core::clone::Clone::clone(#value));
            (columns::itself(entity, &property.ty), value)
        })
        .unzip();
    match (types.as_slice(), values.as_slice()) {
        ([of], [value]) => (of.clone(), quote!(::core::option::Option::Some(#value))),
        _ => (quote!((#(#types,)*)), quote!(::core::option::Option::Some((#(#values,)*)))),
    }
}

/// The names of properties, as a constant list.
pub(super) fn names(idents: &[Ident]) -> TokenStream {
    let names = idents.iter().map(|ident| ident.unraw().to_string());
    quote!(&[#(#names),*])
}

/// The name of the target as the user wrote it.
pub(super) fn target_name(target: &Path) -> String {
    target.segments.last().map(|last| last.ident.unraw().to_string()).unwrap_or_default()
}
