//! Rules for relations to one of several entities.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::Path;
use syn::ext::IdentExt;

use super::relations::{VERBS, are_properties, repeated};

use crate::error::{Errors, did_you_mean};
use crate::model::{Entity, Kind, KindAttrs, KindTargetAttrs, OneOf, Relation};

/// The greatest number of relations in one place.
const MOST_ARMS: usize = 8;

/// All rules.
pub(super) fn all(errors: &mut Errors, entity: &Entity) {
    for (at, one_of) in entity.one_of.iter().enumerate() {
        name_is_free(errors, entity, at, one_of);
        arms_are_several(errors, one_of);
        if let Some((kind, key)) = &one_of.kind {
            kind_and_key(errors, entity, one_of, (kind, key));
            is_apart(errors, entity, at, (kind, key));
            continue;
        }
        for arm in repeated(&one_of.attrs.relations) {
            errors.at(arm, format!("`{}` is here already; remove one", arm.unraw()));
        }
        for arm in &one_of.arms {
            let name = arm.name.unraw();
            match arm.at.and_then(|at| entity.relations.get(at)) {
                None => errors.at(&arm.name, no_relation(entity, &name.to_string())),
                Some(relation) => arm_fits(errors, entity, relation, arm.name.to_token_stream()),
            }
            let mut earlier = entity.one_of.iter().take(at);
            if earlier.any(|other| other.arms.iter().any(|one| one.name.unraw() == name)) {
                errors.at(&arm.name, format!("`{name}` is in another `#[one_of]`; remove one"));
            }
        }
    }
}

/// It is a method, a constant, a field and a type, as a relation is.
fn name_is_free(errors: &mut Errors, entity: &Entity, at: usize, one_of: &OneOf) {
    let name = one_of.name.unraw();
    let mut fields = entity.properties.iter().map(|one| &one.ident).chain(&entity.skipped);
    let others = entity.one_of.iter().take(at).map(|other| (&other.name, &other.constant));
    let mut relations = entity.relations.iter().map(|one| (&one.name, &one.constant)).chain(others);
    let message = if VERBS.iter().any(|verb| name == verb) {
        format!("every entity has `{name}` already; choose another `name = \"…\"`")
    } else if fields.any(|field| field.unraw() == name)
        || entity.properties.iter().any(|one| one.constant == one_of.constant)
    {
        format!("`{name}` is a field already; choose another `name = \"…\"`")
    } else if relations
        .any(|(other, constant)| other.unraw() == name || *constant == one_of.constant)
    {
        format!("`{name}` is a relation already; choose another `name = \"…\"`")
    } else {
        return;
    };
    errors.at(&one_of.name, message);
}

fn arms_are_several(errors: &mut Errors, one_of: &OneOf) {
    match one_of.arms.as_slice() {
        [] | [_] if one_of.kind.is_some() => {
            let message = "name two entities at least, as in `#[one_of(Post, Photo, …)]`";
            errors.at(&one_of.attrs.attribute, message);
        }
        [] | [_] => {
            let message =
                "name two relations at least, as in `#[one_of(post, photo, name = \"subject\")]`";
            errors.at(&one_of.attrs.attribute, message);
        }
        arms => {
            if let Some(excess) = arms.get(MOST_ARMS) {
                let message =
                    format!("a `#[one_of]` has at most {MOST_ARMS} relations; remove this one");
                errors.at(&excess.name, message);
            }
        }
    }
}

/// A kind and a key are two properties, which are null together, and each target has a word of its own.
fn kind_and_key(
    errors: &mut Errors,
    entity: &Entity,
    one_of: &OneOf,
    (kind, key): (&Ident, &Ident),
) {
    are_properties(errors, entity, std::iter::once(kind));
    if let Some(flag) = &one_of.attrs.options.optional {
        let message = "no constraint promises a target of a kind and a key, so it is optional already; remove this";
        errors.at(&flag.0, message);
    }
    if kind.unraw() == key.unraw() {
        errors.at(
            key,
            format!("`{}` is the kind already; name the property that holds the key", key.unraw()),
        );
        return;
    }
    if let (Some(kind), Some(key)) = (entity.property(kind), entity.property(key))
        && kind.nullable != key.nullable
    {
        let (one, other) = if kind.nullable { (kind, key) } else { (key, kind) };
        let message = format!(
            "`{}` may be null and `{}` may not; make both an `Option`, or neither",
            one.name, other.name,
        );
        errors.at(&other.full_type, message);
    }
    let targets = &one_of.attrs.targets;
    for (at, KindTargetAttrs { target, .. }) in targets.iter().enumerate() {
        let path = |path: &Path| path.to_token_stream().to_string();
        let (path_here, name) = (path(target), last(target));
        let mut earlier = targets.iter().take(at).filter(|one| last(&one.target) == name);
        match earlier.next() {
            Some(other) if path(&other.target) == path_here => {
                let message =
                    format!("`{path_here}` is here already; a kind for each entity is enough");
                errors.at(target, message);
            }
            // The inverse finds its kind by the name of its entity.
            Some(_) => {
                let message =
                    format!("another entity here is called `{name}`; rename one of the structs");
                errors.at(target, message);
            }
            None => {}
        }
    }
    let kinds = entity.relations.iter().filter_map(|relation| relation.attrs.of_kind.as_ref());
    let kinds: Vec<_> = kinds.filter(|one| one.property == *kind).collect();
    for (at, KindAttrs { word, written, .. }) in kinds.iter().enumerate() {
        if kinds.iter().take(at).any(|one| one.word == *word) {
            errors.at(
                written,
                format!("`{word}` is another kind already; add `kind = \"…\"` to one"),
            );
        }
    }
}

/// The name of a struct, as paths to it end.
fn last(target: &Path) -> String {
    target.segments.last().map(|last| last.ident.unraw().to_string()).unwrap_or_default()
}

/// Neither the kind nor the key is one of another relation: a row could not be of both.
fn is_apart(errors: &mut Errors, entity: &Entity, at: usize, (kind, key): (&Ident, &Ident)) {
    for part in [kind, key] {
        let mut earlier = entity.one_of.iter().take(at);
        let other = earlier.find(|other| {
            other.kind.as_ref().is_some_and(|(kind, key)| [kind, key].contains(&part))
        });
        if let Some(other) = other {
            let (part, other) = (part.unraw(), other.name.unraw());
            let message = format!(
                "`{part}` is a part of `{other}` already; a kind and a key belong to one `#[one_of]`"
            );
            errors.at(part, message);
        }
    }
}

/// Each relation has a key of its own that a row may lack.
fn arm_fits(
    errors: &mut Errors,
    entity: &Entity,
    relation: &Relation,
    arm: proc_macro2::TokenStream,
) {
    let name = relation.name.unraw();
    let nullable = |key: &&syn::Ident| entity.property(key).is_some_and(|one| one.nullable);
    let message = if relation.kind != Kind::BelongsTo {
        format!("`{name}` is not a `belongs_to`; name relations whose keys this entity holds")
    } else if relation.foreign_key.is_none() {
        format!(
            "`{name}` has no constraint, which would promise its target; remove `constraint = false`"
        )
    } else if let (Some(key), false) =
        (relation.key_from.first(), relation.key_from.iter().any(|key| nullable(&key)))
    {
        format!("each row has the key of `{name}`; make `{}` an `Option`", key.unraw())
    } else {
        return;
    };
    errors.at(arm, message);
}

fn no_relation(entity: &Entity, name: &str) -> String {
    let known: Vec<_> =
        entity.relations.iter().map(|relation| relation.name.unraw().to_string()).collect();
    let of = &entity.ident;
    match did_you_mean(name, known.iter().map(String::as_str)) {
        Some(known) => format!("`{of}` has no relation `{name}`; did you mean `{known}`?"),
        None => format!("`{of}` has no relation `{name}`; name those of its `#[belongs_to]`"),
    }
}

/// Keeps those that a stub can have.
pub(super) fn keep_sound(entity: &mut Entity) {
    let mut one_of = std::mem::take(&mut entity.one_of);
    for one in &mut one_of {
        for arm in &mut one.arms {
            let name = arm.name.unraw();
            arm.at = entity.relations.iter().position(|relation| relation.name.unraw() == name);
        }
    }
    for one in one_of {
        let mut errors = Errors::default();
        let at = entity.one_of.len();
        entity.one_of.push(one);
        if let Some(last) = entity.one_of.last() {
            name_is_free(&mut errors, entity, at, last);
            arms_are_several(&mut errors, last);
            let found = last.relations(&entity.relations);
            if let Some((kind, key)) = &last.kind {
                kind_and_key(&mut errors, entity, last, (kind, key));
            }
            for relation in found.iter().flatten().filter(|_| last.kind.is_none()) {
                let arm = relation.name.to_token_stream();
                arm_fits(&mut errors, entity, relation, arm);
            }
            let found = found.is_some();
            if !errors.is_empty() || !found || repeated(&last.attrs.relations).next().is_some() {
                entity.one_of.pop();
            }
        }
    }
}
