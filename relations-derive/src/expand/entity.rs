//! The implementation of `Entity`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;

use super::tokens::{respan, variable};
use super::{columns, includes, row};
use crate::model::{
    Check, Entity, Index, Kind, OneOf, Property, ReadOnlyKind, Relation, UniqueKey,
};

pub(super) fn implementation(entity: &Entity) -> TokenStream {
    let (krate, ident) = (&entity.krate, &entity.ident);
    let name = ident.to_string();
    let (columns, with) = (columns::facts_ident(ident), includes::ident(entity));
    let (id_type, id) = id(entity);
    let (id_key, id_fact) = id_key(entity);
    let id_names = entity.ids().map(|id| &id.name);
    let facts = entity.properties.iter().map(|property| {
        let (name, fact) = (&property.ident, columns::fact(entity, property));
        quote!(#name: <#fact>::FACT)
    });
    let (definition, visibility) = (definition(entity), visibility(entity));
    let (access, soft_delete) = (access(entity), soft_delete(entity));
    let belongs_to = belongs_to(entity);
    let each_relation = each_relation(entity);
    let parameters = row::each_parameter(entity);
    let (read, again, refresh) = (row::read(entity), row::duplicate(entity), row::refresh(entity));
    quote! {
        #[automatically_derived]
        impl #krate::Entity for #ident {
            type Id = #id_type;
            type Itself = #ident;
            type With = #with;
            type Visibility = #krate::relation::#visibility;
            type Columns = #columns;
            type IdKey = #id_key;

            const DEFINITION: &'static #krate::__private::EntityDefinition = &#definition;
            const NAME: &'static ::core::primitive::str = #name;
            const ID_PROPERTIES: &'static [&'static ::core::primitive::str] = &[#(#id_names),*];
            const COLUMNS: #columns = #columns { #(#facts),* };
            const ID_KEY: #id_key = #id_fact;
            #belongs_to

            #id

            #parameters
            #read
            #again
            #refresh
            #each_relation

            fn sql_cache() -> &'static #krate::__private::SqlCache {
                static CACHE: #krate::__private::SqlCache = #krate::__private::SqlCache::new();
                &CACHE
            }
        }

        #access
        #soft_delete
    }
}

/// The traits of what can be done with its rows.
fn access(entity: &Entity) -> TokenStream {
    let (krate, ident) = (&entity.krate, &entity.ident);
    let implemented = |name: TokenStream| {
        quote! {
            #[automatically_derived]
            impl #krate::#name for #ident {}
        }
    };
    let identified = entity.ids().next().map(|_| implemented(quote!(query::Identified)));
    let written = match entity.read_only().map(|read_only| read_only.kind) {
        None => Some(implemented(quote!(repository::Writable))),
        Some(ReadOnlyKind::MaterializedView) => {
            Some(implemented(quote!(repository::MaterializedView)))
        }
        Some(ReadOnlyKind::View | ReadOnlyKind::Table) => None,
    };
    quote!(#identified #written)
}

/// The rows that queries see, as a type.
fn visibility(entity: &Entity) -> TokenStream {
    match (&entity.scoped, entity.deleted_at()) {
        (Some(_), _) => quote!(InScope),
        (None, Some(_)) => quote!(NotDeleted),
        (None, None) => quote!(AllRows),
    }
}

/// The traits of an entity that hides rows.
fn soft_delete(entity: &Entity) -> TokenStream {
    let (krate, ident) = (&entity.krate, &entity.ident);
    let deletes = entity.deleted_at().map(|_| {
        quote! {
            #[automatically_derived]
            impl #krate::repository::SoftDelete for #ident {}
        }
    });
    let scoped = entity.scoped.as_ref().map(|_| {
        quote! {
            #[automatically_derived]
            impl #krate::query::Scoped for #ident {}
        }
    });
    quote!(#deletes #scoped)
}

/// The default scope, whose condition is made once.
fn default_scope(entity: &Entity) -> Option<TokenStream> {
    let (ident, word) = (&entity.ident, entity.scoped.as_ref()?);
    let krate = respan(word.span(), &entity.krate);
    Some(quote_spanned! {word.span()=>
        .default_scope(#krate::__private::DefaultScope::new(|| {
            static SCOPE: #krate::__private::DeclaredCell = #krate::__private::DeclaredCell::new();
            #krate::__private::scope_of::<#ident>(&SCOPE)
        }))
    })
}

/// The type of the id, and the function that returns it.
fn id(entity: &Entity) -> (TokenStream, TokenStream) {
    let parts: Vec<_> = entity.ids().collect();
    let span = columns::unproven_span(&parts);
    let itself = variable(span, "self");
    let (of, value) =
        columns::key_of(entity, &parts, |Property { ident, .. }| quote!(&#itself.#ident));
    let function = quote_spanned! {span=>
        fn row_id(&#itself) -> #of {
            #value
        }
    };
    (of, function)
}

/// The fact by which a foreign key without `key_to` is checked.
fn id_key(entity: &Entity) -> (TokenStream, TokenStream) {
    let (krate, ident) = (&entity.krate, &entity.ident);
    let mut ids = entity.ids();
    let key = if let (Some(sole), None) = (ids.next(), ids.next()) {
        columns::fact(entity, sole)
    } else {
        quote!(#krate::__private::CompositeId<#ident>)
    };
    (key.clone(), quote!(<#key>::FACT))
}

fn definition(entity: &Entity) -> TokenStream {
    let (krate, ident, table) = (&entity.krate, &entity.ident, &entity.table);
    let name = ident.to_string();
    let properties = entity.properties.iter().map(|property| &property.constant);
    let relations = relations(entity, |_| true);
    let (unique_keys, indexes, checks) = (unique_keys(entity), indexes(entity), checks(entity));
    let (one_of, default_scope) = (one_of(entity), default_scope(entity));
    let schema = entity.schema.as_ref().map(|schema| quote!(.schema(#schema)));
    let shared = entity.shared.then(|| quote!(.shared()));
    let distribution = distribution(entity);
    let read_only = read_only(entity);
    let id_name = entity.id_name().map(|name| quote!(.id_name(#name)));
    quote! {
        #krate::__private::EntityDefinition::new(
            #name,
            #table,
            &[#(#ident::#properties.definition()),*],
            #relations,
        )
        #schema
        #id_name
        #unique_keys
        #indexes
        #checks
        #one_of
        #shared
        #distribution
        #read_only
        #default_scope
    }
}

/// The way in which a cluster distributes the rows.
fn distribution(entity: &Entity) -> Option<TokenStream> {
    let krate = &entity.krate;
    let distribution = match (&entity.distributed_by, &entity.reference) {
        (Some(name), _) => {
            let name = name.unraw().to_string();
            quote!(By(#name))
        }
        (None, Some(_)) => quote!(Reference),
        (None, None) => return None,
    };
    Some(quote!(.distribution(#krate::__private::Distribution::#distribution)))
}

/// The kind of rows that are only read.
fn read_only(entity: &Entity) -> Option<TokenStream> {
    let krate = &entity.krate;
    let kind = match entity.read_only()?.kind {
        ReadOnlyKind::View => quote!(View),
        ReadOnlyKind::MaterializedView => quote!(MaterializedView),
        ReadOnlyKind::Table => quote!(Table),
    };
    Some(quote!(.read_only(#krate::__private::ReadOnly::#kind)))
}

/// The relations to one of several entities.
fn one_of(entity: &Entity) -> Option<TokenStream> {
    let krate = &entity.krate;
    let all = entity.one_of.iter().map(|OneOf { name, arms, optional, kind, .. }| {
        let name = name.unraw().to_string();
        let arms = arms.iter().map(|arm| arm.name.unraw().to_string());
        let optional = optional.then(|| quote!(.optional()));
        let optional = optional.filter(|_| kind.is_none());
        let by_kind = kind.as_ref().map(|(kind, key)| {
            let (kind, key) = (kind.unraw().to_string(), key.unraw().to_string());
            quote!(.by_kind(#kind, #key))
        });
        quote!(&#krate::__private::OneOfDefinition::new(#name, &[#(#arms),*]) #optional #by_kind)
    });
    (!entity.one_of.is_empty()).then(|| quote!(.one_of(&[#(#all),*])))
}

/// The composite and partial unique keys.
fn unique_keys(entity: &Entity) -> Option<TokenStream> {
    let krate = &entity.krate;
    let not_deleted = entity.not_deleted();
    let partial = |property: &&Property| property.unique && !entity.is_unique_in_all(property);
    let alone = entity.properties.iter().filter(partial).map(|property| {
        let Property { name, unique_name, .. } = property;
        let given = unique_name.as_ref().map(|given| quote!(.name(#given)));
        let key = quote!(&#krate::__private::UniqueKeyDefinition::new(&[#name]));
        quote!(#key #given.not_deleted(#not_deleted))
    });
    let keys = entity.unique_keys.iter().map(|key| {
        let names = key.names.iter().map(|name| name.unraw().to_string());
        let name = key.name.as_ref().map(|name| quote!(.name(#name)));
        let filter = key_filter(entity, key);
        let deferrable = key.deferrable.as_ref().map(|one| {
            if one.initially_deferred {
                quote!(.initially_deferred())
            } else {
                quote!(.deferrable())
            }
        });
        let key = quote!(&#krate::__private::UniqueKeyDefinition::new(&[#(#names),*]));
        quote!(#key #name #filter #deferrable)
    });
    let keys: Vec<_> = alone.chain(keys).collect();
    (!keys.is_empty()).then(|| quote!(.unique_keys(&[#(#keys),*])))
}

/// The rows that a key holds for: those of its filter, and of these the ones that are not deleted, unless the
/// filter speaks of deleted rows itself.
fn key_filter(entity: &Entity, key: &UniqueKey) -> Option<TokenStream> {
    let deleted_at = entity.deleted_at().filter(|_| key.with_deleted.is_none());
    let not_deleted = deleted_at.and_then(|_| entity.not_deleted());
    match (&key.filter, not_deleted, deleted_at) {
        (None, None, _) => None,
        (None, Some(not_deleted), _) => Some(quote!(.not_deleted(#not_deleted))),
        (Some(filter), Some(not_deleted), Some(deleted_at))
            if !names_column(filter, &deleted_at.column) =>
        {
            let both = format!("{not_deleted} AND ({filter})");
            Some(quote!(.filter(#both)))
        }
        (Some(filter), ..) => Some(quote!(.filter(#filter))),
    }
}

/// Whether a condition in SQL names a column: as a whole word, in any case, or in double quotes. The text of a
/// string is not a name.
fn names_column(condition: &str, column: &str) -> bool {
    let mut rest = condition;
    while let Some(first) = rest.chars().next() {
        if let Some(quote) = Some(first).filter(|first| matches!(first, '\'' | '"')) {
            let after = rest.get(1..).unwrap_or_default();
            let (inner, following) = after.split_once(quote).unwrap_or((after, ""));
            if quote == '"' && inner == column {
                return true;
            }
            rest = following;
            continue;
        }
        let is_part = |one: char| one.is_alphanumeric() || matches!(one, '_' | '$');
        let end = rest.find(|one| !is_part(one)).unwrap_or(rest.len());
        let (word, following) = rest.split_at(end.max(first.len_utf8()));
        if word.eq_ignore_ascii_case(column) {
            return true;
        }
        rest = following;
    }
    false
}

/// The indexes that are declared on the struct.
fn indexes(entity: &Entity) -> Option<TokenStream> {
    let krate = &entity.krate;
    let indexes = entity.indexes.iter().map(|index| {
        let Index { names, expression, unique, name, filter, method, .. } = index;
        let names = names.iter().map(|name| name.unraw().to_string());
        let expression = expression.as_ref().map(|sql| quote!(.expression(#sql)));
        let unique = unique.as_ref().map(|_| quote!(.unique()));
        let name = name.as_ref().map(|name| quote!(.name(#name)));
        let filter = filter.as_ref().map(|filter| quote!(.filter(#filter)));
        let method = method.as_ref().map(|method| quote!(.method(#method)));
        let index = quote!(&#krate::__private::IndexDefinition::new(&[#(#names),*]));
        quote!(#index #expression #unique #name #filter #method)
    });
    (!entity.indexes.is_empty()).then(|| quote!(.indexes(&[#(#indexes),*])))
}

/// The checks.
fn checks(entity: &Entity) -> Option<TokenStream> {
    let krate = &entity.krate;
    let checks = entity.checks.iter().map(|Check { condition, name, .. }| {
        let name = name.as_ref().map(|name| quote!(.name(#name)));
        quote!(&#krate::__private::CheckDefinition::new(#condition) #name)
    });
    (!entity.checks.is_empty()).then(|| quote!(.checks(&[#(#checks),*])))
}

/// The facts that relations through a link ask of it.
fn belongs_to(entity: &Entity) -> Option<TokenStream> {
    let krate = &entity.krate;
    let belongs = |relation: &Relation| relation.kind == Kind::BelongsTo;
    entity.relations.iter().any(belongs).then(|| {
        let definitions = relations(entity, belongs);
        quote! {
            const BELONGS_TO: &'static [&'static #krate::__private::RelationDefinition] =
                #definitions;
        }
    })
}

/// The function that hands the type of each relation to a visitor.
fn each_relation(entity: &Entity) -> Option<TokenStream> {
    let (krate, ident) = (&entity.krate, &entity.ident);
    let visits = entity.relations.iter().map(|Relation { marker, target, member, .. }| {
        let relation = quote!(#krate::relation::RelationVisitor::<#ident>::relation);
        quote!(#relation::<#marker<#target>>(visitor, #member);)
    });
    (!entity.relations.is_empty()).then(|| {
        quote! {
            fn each_relation(visitor: &mut impl #krate::relation::RelationVisitor<#ident>) {
                #(#visits)*
            }
        }
    })
}

/// The definitions of some relations, as a constant list.
fn relations(entity: &Entity, which: impl Fn(&Relation) -> bool) -> TokenStream {
    let krate = &entity.krate;
    let definitions = entity.relations.iter().filter(|relation| which(relation)).map(
        |Relation { marker, target, .. }| {
            quote!(<#marker<#target> as #krate::Relation>::DEFINITION)
        },
    );
    quote!(&[#(#definitions),*])
}
