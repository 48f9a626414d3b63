//! Relations: the type, the constant and the accessor of each.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Lifetime, Path};

use super::tokens::{respan, variable};
use super::{columns, through};
use crate::model::{
    Action, Entity, Filter, ForeignKey, KeyArray, KeyTo, Kind, KindAttrs, Property, Relation,
};

/// `Order::CUSTOMER` and `order.customer(&db)`
pub(super) fn accessors(entity: &Entity) -> TokenStream {
    let (ident, vis, krate) = (&entity.ident, &entity.vis, &entity.krate);
    if entity.relations.is_empty() {
        return TokenStream::new();
    }
    let items = entity.relations.iter().map(|relation| {
        let Relation { name, constant, marker, target, .. } = relation;
        let (of, to) = (ident.to_string(), target_name(target));
        let narrowed = narrowed(relation);
        let doc = match relation.kind {
            Kind::BelongsTo => format!(" The `{to}` that a `{of}` belongs to."),
            Kind::HasMany if relation.is_filtered() => format!(" Each `{to}` of a `{of}`{narrowed}."),
            Kind::HasMany => format!(" The `{to}`s of a `{of}`."),
            Kind::HasOne => format!(" The `{to}` of a `{of}`{narrowed}."),
        };
        let span = target.span();
        let (at_krate, marker) = (respan(span, krate), respan(span, marker));
        let (itself, arity) = (trait_fact(entity, relation, "Itself"), arity(entity, relation));
        let targets = match (relation.kind, relation.optional) {
            (Kind::HasMany, _) => quote!(#krate::__private::Vec<#target>),
            (_, true) => quote!(::core::option::Option<#target>),
            (_, false) if relation.unscoped => quote!(#target),
            (_, false) => quote_spanned!(span=> <#arity as #at_krate::relation::Arity>::Of<#target>),
        };
        let (source, db) = (variable(span, "self"), variable(span, "db"));
        // The lifetime is not the last token of the signature, whose span is from its first token
        // to its last, in one expansion.
        let lifetime = Lifetime { apostrophe: span, ident: variable(span, "db") };
        let output = quote_spanned! {span=>
            impl ::core::marker::Send
            + #lifetime
            + ::core::future::Future<Output = #at_krate::Result<#targets>>
        };
        let follow = quote_spanned! {span=>
            #at_krate::__private::follow::<#marker<#target>, #itself, #arity>(#source, #db)
        };
        let function = quote_spanned! {span=>
            fn #name<#lifetime>(
                &#lifetime #source,
                #db: &#lifetime impl #at_krate::Executor,
            ) -> #output {
                #follow
            }
        };
        quote! {
            #[doc = #doc]
            #vis const #constant: #krate::RelationHandle<#marker<#target>> = #krate::RelationHandle::RELATION;

            #[doc = #doc]
            ///
            /// # Errors
            ///
            /// The database cannot be reached, or a constraint that promises a target is broken.
            #[track_caller]
            #vis #function
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(dead_code, private_interfaces)]
        impl #ident { #(#items)* }
    }
}

/// The targets that are meant, in words, where a filter narrows them or the links to them.
fn narrowed(relation: &Relation) -> String {
    let of_links = relation.through.as_ref().and_then(|through| {
        let Filter { text, .. } = through.filter.as_ref()?;
        Some(format!(", by each `{}` that matches `{text}`", target_name(&through.link)))
    });
    let of_targets =
        relation.filter.as_ref().map(|Filter { text, .. }| format!(" that matches `{text}`"));
    [of_targets, of_links].into_iter().flatten().collect()
}

/// The type of each relation. The target is its parameter, so that it is as visible as both
/// entities are: an entity may relate to one that is less visible.
pub(super) fn markers(entity: &Entity) -> TokenStream {
    let (vis, krate) = (&entity.vis, &entity.krate);
    let markers = entity.relations.iter().map(|relation| {
        let (marker, source, target) = (&relation.marker, &entity.ident, &relation.target);
        let target_type = trait_fact(entity, relation, "Itself");
        let (arity, unscoped) = (arity(entity, relation), declared_arity(entity, relation));
        let definition = definition(entity, relation);
        let (key_type, key) = key(entity, relation);
        let link = relation.through.as_ref();
        let link = link.map(|link| through::link_entity(entity, relation, link));
        // A relation with a filter inserts and links nothing.
        let through = relation.through.as_ref().filter(|_| !relation.is_filtered());
        let through = through.map(|link| through::implementation(entity, relation, link));
        let holds_key = relation.kind != Kind::BelongsTo && relation.through.is_none();
        let holds_key = holds_key && relation.key_array.is_none();
        let of_target = (holds_key && !relation.is_filtered()).then(|| {
            quote! {
                #[automatically_derived]
                impl #krate::relation::HeldByTarget for #marker<#target> {}
            }
        });
        quote! {
            #[doc(hidden)]
            #[allow(dead_code, missing_debug_implementations, unreachable_pub)]
            #vis struct #marker<T>(::core::marker::PhantomData<fn() -> T>);

            #[automatically_derived]
            impl #krate::Relation for #marker<#target> {
                type Source = #source;
                type Target = #target_type;
                type Key = #key_type;
                type Arity = #arity;
                type Unscoped = #unscoped;

                const DEFINITION: &'static #krate::__private::RelationDefinition = &#definition;

                #key
            }

            #link
            #through
            #of_target
        }
    });
    quote!(#(#markers)*)
}

/// A fact about the target, `<Target as Entity>::FACT`.
pub(super) fn trait_fact(entity: &Entity, relation: &Relation, fact: &str) -> TokenStream {
    trait_fact_of(&entity.krate, &relation.target, fact)
}

/// A fact about an entity, `<Entity as Entity>::FACT`.
pub(super) fn trait_fact_of(krate: &Path, path: &Path, fact: &str) -> TokenStream {
    let (krate, fact) = (respan(path.span(), krate), Ident::new(fact, path.span()));
    quote_spanned!(path.span()=> <#path as #krate::Entity>::#fact)
}

/// The number of targets of a source, as a type: of an entity that hides rows there may be none.
fn arity(entity: &Entity, relation: &Relation) -> TokenStream {
    let declared = declared_arity(entity, relation);
    if relation.kind == Kind::HasMany || relation.optional || relation.unscoped {
        return declared;
    }
    let visibility = visibility(entity, relation);
    quote_spanned!(relation.target.span()=> #visibility::Seen<#declared>)
}

/// The number of all targets of a source, seen or not.
fn declared_arity(entity: &Entity, relation: &Relation) -> TokenStream {
    let krate = respan(relation.target.span(), &entity.krate);
    let arity = match (relation.kind, relation.optional) {
        (Kind::HasMany, _) => "Many",
        (_, true) => "Optional",
        (_, false) => "Required",
    };
    let arity = Ident::new(arity, relation.target.span());
    quote_spanned!(relation.target.span()=> #krate::relation::#arity)
}

/// Which rows of the target queries see, `<<Target as Entity>::Visibility as Visibility>`.
pub(super) fn visibility(entity: &Entity, relation: &Relation) -> TokenStream {
    let krate = respan(relation.target.span(), &entity.krate);
    let fact = trait_fact(entity, relation, "Visibility");
    quote_spanned!(relation.target.span()=> <#fact as #krate::relation::Visibility>)
}

/// The facts about a relation, as a constant expression.
fn definition(entity: &Entity, relation: &Relation) -> TokenStream {
    let krate = &entity.krate;
    let name = &relation.name;
    let (name, source) = (name.unraw().to_string(), entity.ident.to_string());
    let kind = match relation.kind {
        Kind::BelongsTo => quote!(BelongsTo),
        Kind::HasMany => quote!(HasMany),
        Kind::HasOne => quote!(HasOne),
    };
    let (target_name, definition) =
        (trait_fact(entity, relation, "NAME"), trait_fact(entity, relation, "DEFINITION"));
    let key_from = names(&relation.key_from);
    let key_to = match &relation.key_to {
        KeyTo::Id => trait_fact(entity, relation, "ID_PROPERTIES"),
        KeyTo::Named(keys) | KeyTo::Inverse(keys) => names(keys),
        KeyTo::Linked => quote!(&[]),
    };
    let through = relation.through.as_ref().map(|link| through::definition(entity, relation, link));
    let optional = relation.optional.then(|| quote!(.optional()));
    let indexed = relation.indexed.then(|| quote!(.indexed()));
    let foreign_key = relation.foreign_key.as_ref().map(|foreign_key| {
        let foreign_key = constraint(entity, foreign_key);
        quote!(.foreign_key(#foreign_key))
    });
    let visible = match (relation.kind, relation.unscoped) {
        (_, true) => Some(quote!(.unscoped())),
        (Kind::BelongsTo, false) => {
            let visibility = visibility(entity, relation);
            let hides = quote_spanned!(relation.target.span()=> #visibility::HIDES);
            Some(quote!(.narrowed(#hides)))
        }
        (Kind::HasMany | Kind::HasOne, false) => None,
    };
    let filter = relation
        .filter
        .as_ref()
        .map(|written| filter(entity, &trait_fact(entity, relation, "Itself"), written));
    let key_kind = key_kind(entity, relation, &key_to);
    let key_array = relation.key_array.map(|of| {
        let of = match of {
            KeyArray::Source => quote!(Source),
            KeyArray::Target => quote!(Target),
        };
        quote!(.key_array(#krate::__private::KeyArray::#of))
    });
    quote! {
        #krate::__private::RelationDefinition::new(
            #krate::__private::RelationKind::#kind,
            #name,
            #source,
            #krate::__private::TargetDefinition::new(#target_name, || #definition),
            #key_from,
            #key_to,
        )
        #through #optional #foreign_key #indexed #visible #filter #key_kind #key_array
    }
}

/// The kind of the sources that lead to the target, or that of the targets: the inverse knows.
fn key_kind(entity: &Entity, relation: &Relation, key_to: &TokenStream) -> Option<TokenStream> {
    let (krate, ident) = (&entity.krate, &entity.ident);
    if let Some(KindAttrs { property, word, words, .. }) = &relation.attrs.of_kind {
        let both = names(&[relation.key_from.first()?.clone(), property.clone()]);
        let kind = quote!(#krate::__private::KindDefinition::new(#both, #word, &[#(#words),*]));
        return Some(quote!(.of_kind(::core::option::Option::Some(&#kind))));
    }
    if relation.kind == Kind::BelongsTo
        || relation.through.is_some()
        || relation.key_array.is_some()
    {
        return None;
    }
    let belongs_to = trait_fact(entity, relation, "BELONGS_TO");
    Some(quote! {
        .of_kind(#krate::__private::key_kind(
            #belongs_to,
            <#ident as #krate::Entity>::NAME,
            #key_to,
        ))
    })
}

/// The condition that narrows targets or links, which is made once. The error of one that is not of their
/// entity underlines it.
pub(super) fn filter(entity: &Entity, of: &TokenStream, written: &Filter) -> TokenStream {
    let krate = &entity.krate;
    let Filter { condition, text } = written;
    let span = condition.span();
    let at_krate = respan(span, krate);
    let condition = quote_spanned! {span=>
        #at_krate::__private::filter::<#of, _>(#condition)
    };
    quote! {
        .filter(#krate::__private::RelationFilter::new(#text, || {
            static FILTER: #krate::__private::DeclaredCell = #krate::__private::DeclaredCell::new();
            #krate::__private::filter_of(&FILTER, || #condition)
        }))
    }
}

fn constraint(entity: &Entity, foreign_key: &ForeignKey) -> TokenStream {
    let krate = &entity.krate;
    let name = foreign_key.name.as_ref().map(|name| quote!(.named(#name)));
    let on_delete = action(entity, foreign_key.on_delete).map(|action| quote!(.on_delete(#action)));
    let on_update = action(entity, foreign_key.on_update).map(|action| quote!(.on_update(#action)));
    let set_null = (!foreign_key.set_null.is_empty()).then(|| {
        let names = names(&foreign_key.set_null);
        quote!(.set_null(#names))
    });
    let deferrable = foreign_key.deferrable.as_ref().map(|one| {
        if one.initially_deferred { quote!(.initially_deferred()) } else { quote!(.deferrable()) }
    });
    let key = quote!(#krate::__private::ForeignKeyDefinition::new());
    quote!(#key #name #on_delete #on_update #set_null #deferrable)
}

/// The action of a constraint, unless it is the default.
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

/// The type of the key, and the function that reads it from a source: `None` if a part of it is
/// null.
fn key(entity: &Entity, relation: &Relation) -> (TokenStream, TokenStream) {
    let parts: Vec<_> = relation.key_from.iter().filter_map(|name| entity.property(name)).collect();
    let span = columns::unproven_span(&parts);
    let source = variable(span, "source");
    let (of, value) = columns::key_of(entity, &parts, |Property { ident, nullable, .. }| {
        if *nullable {
            quote!(::core::option::Option::as_ref(&#source.#ident)?)
        } else {
            quote!(&#source.#ident)
        }
    });
    let ident = &entity.ident;
    let kind = relation.attrs.of_kind.as_ref();
    let kind = kind.and_then(|kind| Some((kind, entity.property(&kind.property)?)));
    let (kind, is_of_kind) =
        kind.map(|(kind, property)| kind_of_source(entity, kind, property)).unzip();
    let function = quote_spanned! {span=>
        #kind

        fn key(#source: &#ident) -> ::core::option::Option<#of> {
            #is_of_kind
            ::core::option::Option::Some(#value)
        }
    };
    (of, function)
}

/// The function that reads the kind of a source, and whether it is that of the relation.
fn kind_of_source(
    entity: &Entity,
    KindAttrs { word, .. }: &KindAttrs,
    Property { ident: property, ty, nullable, .. }: &Property,
) -> (TokenStream, TokenStream) {
    let (krate, ident) = (&entity.krate, &entity.ident);
    let source = variable(Span::call_site(), "source");
    let codec = columns::trait_fact(krate, ty, "REQUIRED");
    let value = if *nullable {
        quote!(::core::option::Option::as_ref(&#source.#property)?)
    } else {
        quote!(&#source.#property)
    };
    let kind = quote! {
        fn key_kind(#source: &#ident) -> ::core::option::Option<#krate::__private::Parameter> {
            ::core::option::Option::Some(#codec.parameter(#value))
        }
    };
    let is_of_kind = quote! {
        #krate::__private::of_kind(&<Self as #krate::Relation>::key_kind(source)?, #word)?;
    };
    (kind, is_of_kind)
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
