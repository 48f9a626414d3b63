//! Checks that need facts of another entity, which the compiler evaluates.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::relations::{names, target_name, trait_fact, visibility};
use super::tokens::respan;
use super::{columns, distribution, key_array, through};
use crate::model::{Entity, KeyTo, Kind, Property, Relation, Stamp};

/// One constant a relation, whose evaluation is the check.
pub(super) fn keys(entity: &Entity) -> TokenStream {
    checks(entity, &entity.relations.iter().collect::<Vec<_>>())
}

/// A version is an integer, and a time is a timestamp.
pub(super) fn stamps(entity: &Entity) -> TokenStream {
    let krate = &entity.krate;
    let checks = entity.properties.iter().filter_map(|property| {
        let (ty, stamp) = (&property.ty, property.stamp()?);
        let (fits, what) = match stamp {
            Stamp::Version => (quote!(is_integer), "counts up; make it an `i32` or an `i64`"),
            Stamp::CreatedAt | Stamp::UpdatedAt | Stamp::DeletedAt => (
                quote!(is_timestamp),
                "tells a time; make it a timestamp, as `DateTime<Utc>` of `chrono` or \
                 `OffsetDateTime` of `time`",
            ),
        };
        let panic = panic(ty.span(), &format!("`#[{}]` {what}", stamp.name()));
        let column_type = columns::trait_fact(krate, ty, "TYPE");
        Some(quote!(const _: () = if !#krate::__private::#fits(#column_type) { #panic };))
    });
    let tenants =
        entity.properties.iter().filter(|property| property.is_tenant()).map(|property| {
            let ty = &property.ty;
            let panic = panic(
                ty.span(),
                "`#[tenant]` names a tenant; make it an integer, a text or a `Uuid`",
            );
            let column_type = columns::trait_fact(krate, ty, "TYPE");
            quote!(const _: () = if !#krate::__private::is_tenant(#column_type) { #panic };)
        });
    quote!(#(#checks)* #(#tenants)*)
}

/// The checks that make sense for an entity with errors.
pub(super) fn sound_keys(entity: &Entity) -> TokenStream {
    let is_sound = |relation: &&Relation| {
        let (from, to) = (relation.key_from.len(), relation.key_to.names().len());
        let pairs = if matches!(relation.key_to, KeyTo::Id) { from == 1 } else { from == to };
        relation.kind == Kind::BelongsTo && pairs
    };
    checks(entity, &entity.relations.iter().filter(is_sound).collect::<Vec<_>>())
}

fn checks(entity: &Entity, relations: &[&Relation]) -> TokenStream {
    let checks = relations.iter().map(|relation| {
        let check = match (relation.kind, &relation.key_to) {
            _ if let Some(link) = &relation.through => through::check(entity, relation, link),
            _ if let Some(of) = relation.key_array => key_array::check(entity, relation, of),
            (Kind::BelongsTo, KeyTo::Named(keys)) => references_named(entity, relation, keys),
            (Kind::BelongsTo, _) => references_id(entity, relation),
            (_, keys) => has_inverse(entity, relation, keys.names()),
        };
        let deletion = soft_delete(entity, relation);
        let distribution = distribution::check(entity, relation);
        let target = target_is_a_table(entity, relation);
        quote!(const _: () = { #check #deletion #distribution #target };)
    });
    quote!(#(#checks)*)
}

/// No engine has a foreign key to a view.
fn target_is_a_table(entity: &Entity, relation: &Relation) -> Option<TokenStream> {
    relation.foreign_key.as_ref()?;
    let (target, to) = (&relation.target, target_name(&relation.target));
    let panic = panic(
        target.span(),
        &format!(
            "`{to}` is a view, which no foreign key can reference; write `constraint = false`, with which the \
             target may be missing",
        ),
    );
    let definition = trait_fact(entity, relation, "DEFINITION");
    Some(quote!(if #definition.is_view() { #panic }))
}

/// A soft delete of the target is to find its sources, and those that go with it are deleted softly as well.
fn soft_delete(entity: &Entity, relation: &Relation) -> Option<TokenStream> {
    let Entity { krate, ident, .. } = entity;
    let Relation { marker, target, .. } = relation;
    let is_followed = !relation.unscoped && entity.read_only().is_none();
    relation.foreign_key.as_ref().filter(|_| is_followed)?;
    let to = target_name(target);
    let unknown = panic(
        target.span(),
        &format!(
            "a soft delete of `{to}` has to find its `{ident}` rows; add `#[has_many({ident})]` or \
             `#[has_one({ident})]` to `{to}`, or write `unscoped` here, which sees deleted rows as well",
        ),
    );
    let written = relation.attrs.options.on_delete.as_ref().map(|written| written.literal.span());
    let hard = panic(
        written.unwrap_or(target.span()),
        &format!(
            "`{ident}` cascades from `{to}`, which is deleted softly, and has no `#[deleted_at]`; add it \
             to `{ident}`, or write `unscoped` here to leave `{ident}` alone",
        ),
    );
    let definition = trait_fact(entity, relation, "DEFINITION");
    let deletes = entity.deleted_at().is_some();
    Some(quote! {
        match #krate::__private::soft_delete(
            #definition,
            (<#ident as #krate::Entity>::NAME, #deletes),
            <#marker<#target> as #krate::Relation>::DEFINITION,
        ) {
            #krate::__private::SoftDeleted::Sound => {}
            #krate::__private::SoftDeleted::Unknown => { #unknown }
            #krate::__private::SoftDeleted::Hard => { #hard }
        }
    })
}

/// A row that follows one of several relations has its target, unless that may be hidden.
pub(super) fn one_of(entity: &Entity) -> TokenStream {
    let required = entity.one_of.iter().filter(|one_of| !one_of.optional);
    let arms = required.flat_map(|one_of| one_of.arms.iter().map(move |arm| (one_of, arm)));
    let checks = arms.filter_map(|(one_of, arm)| {
        let relation = entity.relations.get(arm.at?).filter(|relation| !relation.unscoped)?;
        let (to, name) = (target_name(&relation.target), one_of.name.unraw());
        let panic = panic(
            arm.name.span(),
            &format!(
                "`{to}` hides rows, so `{name}` may be without a target; write \
                 `#[belongs_to({to}, unscoped)]`, or `optional` here",
            ),
        );
        let visibility = visibility(entity, relation);
        Some(quote!(const _: () = if #visibility::HIDES { #panic };))
    });
    quote!(#(#checks)*)
}

/// A kind is a text, and each word is one that it can be.
pub(super) fn kinds(entity: &Entity) -> TokenStream {
    let krate = &entity.krate;
    let kinds = entity.relations.iter().filter_map(|relation| {
        let kind = relation.attrs.of_kind.as_ref()?;
        Some((kind, entity.property(&kind.property)?))
    });
    let checks = kinds.map(|(kind, Property { ty, name, sql_type, .. })| {
        let no_text = panic(
            ty.span(),
            &format!("`{name}` is a kind; make it a `String`, or an enum of `#[derive(Value)]`"),
        );
        let no_word = panic(
            spanned_first(&kind.written),
            &format!(
                "`{}` is not one of the words of `{name}`; name one with `kind = \"…\"`, or add a variant to its type",
                kind.word,
            ),
        );
        let is_otherwise = panic(
            ty.span(),
            &format!(
                "`{name}` is a kind, and its type takes words for equal that Rust tells apart; make it `text`",
            ),
        );
        let fact = |name| columns::trait_fact(krate, ty, name);
        let (column_type, words, word) = (fact("TYPE"), fact("WORDS"), &kind.word);
        let sql_type = match sql_type {
            Some(sql_type) => quote!(::core::option::Option::Some(#sql_type)),
            None => fact("SQL_TYPE"),
        };
        quote! {
            const _: () = if !#krate::__private::is_text(#column_type) {
                #no_text
            } else if !#krate::__private::is_exact(#sql_type) {
                #is_otherwise
            } else if !#krate::__private::is_word(#words, #word) {
                #no_word
            };
        }
    });
    quote!(#(#checks)*)
}

/// The foreign key and the target's id are of one type.
fn references_id(entity: &Entity, relation: &Relation) -> TokenStream {
    let target = &relation.target;
    let (krate, id_key) =
        (respan(target.span(), &entity.krate), trait_fact(entity, relation, "ID_KEY"));
    let key = quote_spanned! {target.span()=>
        #krate::__private::key(&#id_key)
    };
    sources(entity, relation).map(|source| references(entity, source, &key)).collect()
}

/// The properties that `key_to` names are there, are a key, and are of the foreign key's types.
fn references_named(entity: &Entity, relation: &Relation, keys: &[Ident]) -> TokenStream {
    let target = &relation.target;
    let check = if keys.len() == 1 { "key" } else { "key_part" };
    let references = keys.iter().zip(sources(entity, relation)).map(|(key, source)| {
        let krate = respan(key.span(), &entity.krate);
        let check = Ident::new(check, key.span());
        let (columns, property) = property(entity, relation, key);
        let key = quote_spanned!(key.span()=> #krate::__private::#check(#property));
        let references = references(entity, source, &key);
        quote!({ #columns #references })
    });
    let not_deleted = key_of_all_rows(entity, relation, keys);
    let is_key = (keys.len() > 1).then(|| {
        let (krate, names) = (&entity.krate, names(keys));
        let (these, to) = (listed(keys), target_name(target));
        let span = first_span(keys, target.span());
        let part = panic(
            span,
            &format!(
                "{these} are only a part of a key of `{to}`; name all properties of its id or of one \
                 `#[unique(…)]`, or declare `#[unique({})]` on it",
                words(keys),
            ),
        );
        let excess = panic(
            span,
            &format!(
                "{these} are more than a key of `{to}`; name the properties of its id or of one \
                 `#[unique(…)]` alone, or declare `#[unique({})]` on it",
                words(keys),
            ),
        );
        let no_key = panic(
            span,
            &format!(
                "{these} together are not a key of `{to}`; name all properties of its id, or declare \
                 `#[unique({})]` on it",
                words(keys),
            ),
        );
        let target = trait_fact(entity, relation, "DEFINITION");
        quote! {
            match #krate::__private::composite_key(#target, #names) {
                #krate::__private::CompositeKey::Whole => {}
                #krate::__private::CompositeKey::Part => { #part }
                #krate::__private::CompositeKey::Excess => { #excess }
                #krate::__private::CompositeKey::None => { #no_key }
            }
        }
    });
    let deferrable = deferrable_key(entity, relation, keys);
    quote!(#(#references)* #not_deleted #deferrable #is_key)
}

/// The key that is referenced holds for deleted rows as well: no engine has a foreign key to some rows.
fn key_of_all_rows(entity: &Entity, relation: &Relation, keys: &[Ident]) -> TokenStream {
    let (krate, names) = (&entity.krate, names(keys));
    let (these, to) = (listed(keys), target_name(&relation.target));
    let (are, unique) = match keys {
        [_] => ("is", "#[unique(with_deleted)]".to_owned()),
        _ => ("are", format!("#[unique({}, with_deleted)]", words(keys))),
    };
    let panic = panic(
        first_span(keys, relation.target.span()),
        &format!(
            "{these} {are} unique among the rows of `{to}` that are not deleted, and a foreign key needs a \
             key of all rows; write `{unique}` there, or reference the id",
        ),
    );
    let target = trait_fact(entity, relation, "DEFINITION");
    quote!(if #krate::__private::leaves_out_deleted_rows(#target, #names) { #panic })
}

/// A key that a foreign key references holds at any time.
fn deferrable_key(entity: &Entity, relation: &Relation, keys: &[Ident]) -> Option<TokenStream> {
    relation.foreign_key.as_ref()?;
    let (krate, names) = (&entity.krate, names(keys));
    let (these, to) = (listed(keys), target_name(&relation.target));
    let are = if keys.len() == 1 { "is" } else { "are" };
    let panic = panic(
        first_span(keys, relation.target.span()),
        &format!(
            "{these} {are} a deferrable key of `{to}`, and a foreign key needs one that holds at any time; \
             leave out `deferrable` there, or reference the id",
        ),
    );
    let target = trait_fact(entity, relation, "DEFINITION");
    Some(quote!(if #krate::__private::is_deferrable_key(#target, #names) { #panic }))
}

/// The target belongs to this entity by the same keys, and once where it is one.
fn has_inverse(entity: &Entity, relation: &Relation, keys: &[Ident]) -> TokenStream {
    let Entity { krate, ident, .. } = entity;
    let target = &relation.target;
    let span = first_span(keys, target.span());
    let (to, by) = (target_name(target), listed(keys));
    let named = if matches!(relation.key_to, KeyTo::Named(_)) { keys } else { &[] };
    let there = named.iter().map(|key| {
        let (columns, property) = property(entity, relation, key);
        quote_spanned!(key.span()=> { #columns let _ = #property; })
    });
    let missing = match list_of_keys(entity, relation) {
        Some(list) => format!(
            "`{list}` is a list, and not the key of a `{to}`; write `keys_from = \"{list}\"` if it holds keys",
        ),
        None => format!(
            "`{to}` does not belong to `{ident}` by {by}; add `#[belongs_to({ident})]` there, or \
             name the foreign key with `key_to = \"…\"`",
        ),
    };
    let missing = panic(span, &missing);
    let other_key = panic(
        span,
        &format!(
            "{by} of `{to}` leads to another key of `{ident}`; name that key with \
             `key_from = \"…\"`",
        ),
    );
    let definition = trait_fact(entity, relation, "DEFINITION");
    let (key_to, key_from) = (names(keys), names(&relation.key_from));
    let unique = (relation.kind == Kind::HasOne).then(|| unique(entity, relation, keys));
    quote! {
        #(#there)*
        match #krate::__private::inverse(
            #definition,
            <#ident as #krate::Entity>::NAME,
            #key_to,
            #key_from,
        ) {
            #krate::__private::Inverse::Found => {}
            #krate::__private::Inverse::OtherKey => { #other_key }
            #krate::__private::Inverse::Missing => { #missing }
        }
        #unique
    }
}

/// The property that a relation is by, if it is a list that may hold several keys.
fn list_of_keys(entity: &Entity, relation: &Relation) -> Option<String> {
    let [name] = relation.key_from.as_slice() else { return None };
    let Property { ty, .. } =
        entity.property(name).filter(|one| one.type_name().is_some_and(|name| name == "Vec"))?;
    let is_bytes = ty.to_token_stream().into_iter().any(|one| one.to_string() == "u8");
    (!is_bytes).then(|| name.unraw().to_string())
}

/// A relation to one leads to a key of the target; with a filter, to a key of some rows.
fn unique(entity: &Entity, relation: &Relation, keys: &[Ident]) -> TokenStream {
    let (krate, Relation { marker, target, .. }) = (&entity.krate, relation);
    let key_to =
        quote!(#krate::__private::held(<#marker<#target> as #krate::Relation>::DEFINITION));
    let span = first_span(keys, relation.target.span());
    let (to, by) = (target_name(&relation.target), listed(keys));
    let definition = trait_fact(entity, relation, "DEFINITION");
    if relation.filter.is_some() {
        let message = format!(
            "several `{to}` that the filter matches may have the same {by}; declare \
             `#[unique({}, filter = \"…\")]` on it, with the filter in SQL, or write `#[has_many({to}, …)]`",
            words(keys),
        );
        let several = panic(span, &message);
        return quote! {
            if !#krate::__private::is_unique_with_filter(#definition, #key_to) { #several }
        };
    }
    let message = format!(
        "several `{to}` may have the same {by}; mark it `#[unique]`, or write `#[has_many({to})]`",
    );
    let several = panic(span, &message);
    let with_deleted = relation.unscoped.then(|| {
        let message = format!(
            "several deleted `{to}` may have the same {by}; mark it `#[unique(with_deleted)]`, \
             write `#[has_many({to}, unscoped)]`, or leave out `unscoped`",
        );
        let several = panic(span, &message);
        quote! {
            if !#krate::__private::is_unique_with_deleted(#definition, #key_to) { #several }
        }
    });
    quote! {
        if !#krate::__private::is_unique(#definition, #key_to) { #several }
        #with_deleted
    }
}

/// The facts about a property of the target, with the variable from which they are read.
///
/// The variable is named in the place of the property: were it elsewhere, so would be the error
/// about the property. A target that is not an entity is told by the variable, under the target.
pub(super) fn property(
    entity: &Entity,
    relation: &Relation,
    key: &Ident,
) -> (TokenStream, TokenStream) {
    let target = &relation.target;
    let (columns, facts) =
        (Ident::new("columns", key.span()), trait_fact(entity, relation, "COLUMNS"));
    (
        quote_spanned!(target.span()=> let #columns = #facts;),
        quote_spanned!(key.span()=> &#columns.#key),
    )
}

/// The foreign key's type is that of `key`. The known side goes first, so that the error is about
/// the other.
fn references(entity: &Entity, source: &Property, key: &TokenStream) -> TokenStream {
    let ty = &source.ty;
    let source = columns::trait_fact(&entity.krate, ty, "SOURCE");
    let krate = respan(ty.span(), &entity.krate);
    quote_spanned! {ty.span()=>
        #krate::__private::references(#key, #source);
    }
}

fn sources<'entity>(
    entity: &'entity Entity,
    relation: &'entity Relation,
) -> impl Iterator<Item = &'entity Property> {
    relation.key_from.iter().filter_map(|name| entity.property(name))
}

fn spanned_first(tokens: &TokenStream) -> Span {
    tokens.clone().into_iter().next().map_or_else(Span::call_site, |first| first.span())
}

pub(super) fn panic(span: Span, message: &str) -> TokenStream {
    quote_spanned!(span=> ::core::panic!(#message);)
}

pub(super) fn first_span(keys: &[Ident], otherwise: Span) -> Span {
    keys.first().map_or(otherwise, Ident::span)
}

/// `a, b`
fn words(keys: &[Ident]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| key.unraw().to_string()).collect();
    keys.join(", ")
}

/// `` `a` ``, `` `a` and `b` `` or `` `a`, `b` and `c` ``
fn listed(keys: &[Ident]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| format!("`{}`", key.unraw())).collect();
    match keys.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => keys.concat(),
    }
}
