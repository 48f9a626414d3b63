//! Rules for the names of relations, their keys and their constraints.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use super::keys::MOST_PARTS;
use crate::attr::ReferentialAction;
use crate::error::{Errors, did_you_mean};
use crate::model::{Action, End, Entity, KeyTo, Kind, Property, Relation, deferrable};

/// The methods of every entity. An accessor of the same name would hide such a method, or be hidden
/// by one that takes the entity by value.
#[rustfmt::skip]
pub(super) const VERBS: [&str; 12] = [
    "find", "find_by_id", "preload", "insert", "create", "update", "edit", "delete", "id",
    "into", "try_into", "into_inner",
];

/// A relation is a method, a constant, a field and a type, so its name must be free as each.
pub(super) fn names_are_free(errors: &mut Errors, entity: &Entity) {
    for (at, relation) in entity.relations.iter().enumerate() {
        if let Some(message) = taken(entity, at, relation) {
            errors.at(&relation.name, message);
        }
    }
}

/// The relations whose names are free.
pub(super) fn keep_free_names(entity: &mut Entity) {
    let free = |(at, relation)| taken(entity, at, relation).is_none();
    let mut free = entity.relations.iter().enumerate().map(free).collect::<Vec<_>>().into_iter();
    entity.relations.retain(|_| free.next().unwrap_or_default());
}

fn taken(entity: &Entity, at: usize, relation: &Relation) -> Option<String> {
    let mut earlier = entity.relations.iter().take(at);
    by_a_verb(relation)
        .or_else(|| by_a_field(entity, relation))
        .or_else(|| earlier.find_map(|earlier| by_a_relation(earlier, relation)))
}

fn by_a_verb(relation: &Relation) -> Option<String> {
    let name = relation.name.unraw();
    let is_verb = VERBS.iter().any(|verb| name == verb);
    is_verb.then(|| format!("every entity has `{name}` already; choose another `name = \"…\"`"))
}

fn by_a_field(entity: &Entity, relation: &Relation) -> Option<String> {
    let name = relation.name.unraw();
    if entity.property(&relation.name).is_some() {
        return Some(format!("`{name}` is a property already; choose another `name = \"…\"`"));
    }
    if entity.skipped.iter().any(|skipped| skipped.unraw() == name) {
        return Some(format!("`{name}` is a field already; choose another `name = \"…\"`"));
    }
    let Property { name: other, constant, .. } =
        entity.properties.iter().find(|property| property.constant == relation.constant)?;
    Some(format!(
        "`{name}` and `{other}` would both be the constant `{constant}`; choose another `name = \"…\"`"
    ))
}

fn by_a_relation(earlier: &Relation, relation: &Relation) -> Option<String> {
    let (name, other) = (relation.name.unraw(), earlier.name.unraw());
    if name == other {
        Some(format!("`{name}` is already a relation; add `name = \"…\"` to one"))
    } else if relation.constant == earlier.constant || relation.marker == earlier.marker {
        Some(format!("`{name}` and `{other}` are too alike; choose another `name = \"…\"`"))
    } else {
        None
    }
}

/// A relation starts from properties of its own entity.
pub(super) fn sources_are_properties(errors: &mut Errors, entity: &Entity) {
    let keys = entity.relations.iter().flat_map(|relation| &relation.key_from);
    are_properties(errors, entity, keys);
}

/// A key is made of properties. A skipped field is not one.
pub(super) fn are_properties<'a>(
    errors: &mut Errors,
    entity: &Entity,
    keys: impl Iterator<Item = &'a Ident>,
) {
    for key in keys {
        let name = key.unraw();
        if entity.skipped.iter().any(|skipped| skipped.unraw() == name) {
            errors.at(key, format!("`{name}` is skipped, so it is not a property; remove its `#[skip]` or name another"));
        } else if entity.property(key).is_none() {
            errors.at(key, no_property(entity, &name.to_string()));
        }
    }
}

fn no_property(entity: &Entity, name: &str) -> String {
    let entity_name = &entity.ident;
    let known = entity.properties.iter().map(|property| property.name.as_str());
    match did_you_mean(name, known) {
        Some(known) => format!("`{entity_name}` has no property `{name}`; did you mean `{known}`?"),
        None => format!("`{entity_name}` has no property `{name}`; name one of its fields"),
    }
}

/// A key names each property once.
pub(super) fn keys_name_a_property_once(errors: &mut Errors, entity: &Entity) {
    for relation in &entity.relations {
        let lists = [
            ("key_from", &relation.attrs.options.key_from),
            ("key_to", &relation.attrs.options.key_to),
        ];
        for (option, keys) in lists {
            let names = keys.as_ref().map(|keys| keys.names.as_slice()).unwrap_or_default();
            for again in repeated(names) {
                let name = again.unraw();
                errors.at(again, format!("`{name}` is already in `{option}`; remove one"));
            }
        }
    }
}

pub(super) fn repeated(names: &[Ident]) -> impl Iterator<Item = &Ident> {
    let earlier = |at, name: &&Ident| names.iter().take(at).any(|earlier| earlier == *name);
    names.iter().enumerate().filter(move |(at, name)| earlier(*at, name)).map(|(_, name)| name)
}

/// Keys are compared part by part.
pub(super) fn keys_have_equal_length(errors: &mut Errors, entity: &Entity) {
    for relation in &entity.relations {
        let (from, to) = (relation.key_from.len(), relation.key_to.names().len());
        let Some(keys) = &relation.attrs.options.key_to else {
            continue;
        };
        // A `key_to` beside a link or an array is an error of its own.
        if relation.through.is_some() || relation.key_array.is_some() {
            continue;
        }
        // A repeated name is reported, and may be the cause.
        if has_repeated(&relation.key_from) || has_repeated(&keys.names) {
            continue;
        }
        // An empty key is reported as a missing key, or as a missing field.
        if from == to || from == 0 {
            continue;
        }
        let source = match &relation.attrs.options.key_from {
            Some(_) => "`key_from`".to_owned(),
            None if relation.kind == Kind::BelongsTo => "the field".to_owned(),
            None => format!("the key of `{}`", entity.ident),
        };
        let message = format!(
            "`key_to` has {}, {source} has {}; give both as many",
            properties(to),
            properties(from)
        );
        errors.at(&keys.option, message);
    }
}

fn has_repeated(names: &[Ident]) -> bool {
    repeated(names).next().is_some()
}

fn properties(count: usize) -> String {
    if count == 1 { "1 property".to_owned() } else { format!("{count} properties") }
}

/// Keys are tuples, which Rust compares up to a length.
pub(super) fn keys_have_few_parts(errors: &mut Errors, entity: &Entity) {
    let keys =
        entity.relations.iter().filter_map(|relation| relation.attrs.options.key_from.as_ref());
    for excess in keys.filter_map(|keys| keys.names.get(MOST_PARTS)) {
        errors.at(excess, format!("a key has {MOST_PARTS} parts at most; remove this one"));
    }
}

/// A composite key names the properties of both sides.
pub(super) fn composite_keys_name_both_sides(errors: &mut Errors, entity: &Entity) {
    for relation in &entity.relations {
        let is_known = matches!(relation.key_to, KeyTo::Named(_) | KeyTo::Linked);
        if is_known || relation.key_from.len() < 2 {
            continue;
        }
        if let Some(keys) = &relation.attrs.options.key_from {
            let message = "a composite key needs its other side; add `key_to(\"…\", \"…\")`";
            errors.at(&keys.option, message);
        } else {
            let message = format!(
                "the key of `{}` is composite; name the keys with `key_from(…)` and `key_to(…)`",
                entity.ident
            );
            errors.at(&relation.attrs.attribute, message);
        }
    }
}

/// The link states which keys its relations lead to.
pub(super) fn links_lead_to_their_own_keys(errors: &mut Errors, entity: &Entity) {
    for relation in entity.relations.iter().filter(|relation| relation.through.is_some()) {
        if let Some(keys) = &relation.attrs.options.key_to {
            errors.at(&keys.option, "the link knows which key it leads to; remove `key_to`");
        }
    }
}

/// One relation of a link cannot lead both ways.
pub(super) fn links_have_two_ends(errors: &mut Errors, entity: &Entity) {
    for through in entity.relations.iter().filter_map(|relation| relation.through.as_ref()) {
        if let (End::Named(from), End::Named(to)) = (&through.from, &through.to)
            && from.unraw() == to.unraw()
        {
            let message = format!("`{}` is `from` already; name the other relation", to.unraw());
            errors.at(to, message);
        }
    }
}

/// Actions belong to a foreign key constraint, so there is one.
pub(super) fn actions_have_a_constraint(errors: &mut Errors, entity: &Entity) {
    for relation in entity.relations.iter().filter(|relation| relation.foreign_key.is_none()) {
        for action in actions(relation) {
            let message = if entity.is_view() {
                "a view has no foreign keys, and so no actions; remove this"
            } else {
                "only a foreign key constraint has actions; remove this or `constraint = false`"
            };
            errors.at(&action.literal, message);
        }
        if relation.kind == Kind::BelongsTo
            && let Some(deferrable) = deferrable(&relation.attrs.options)
        {
            let message = if entity.is_view() {
                "a view has no foreign keys, and so nothing to defer; remove this"
            } else {
                "without a constraint there is nothing to defer; remove this or `constraint = false`"
            };
            errors.at(&deferrable.word, message);
        }
    }
}

/// A property that is set to null is an `Option`.
pub(super) fn set_null_can_be_null(errors: &mut Errors, entity: &Entity) {
    for (action, sources) in acting(entity, Action::SetNull) {
        let Some(only) = &action.only else {
            whole_key_can_be_null(errors, entity, action, &sources);
            continue;
        };
        for name in only {
            let parts: Vec<_> = sources.iter().map(|source| format!("`{}`", source.name)).collect();
            let message = match sources.iter().find(|source| source.ident == *name) {
                Some(source) if source.nullable => continue,
                Some(source) => {
                    format!("`{}` can't be null; make it an `Option`, or leave it out", source.name)
                }
                None => {
                    format!("`{name}` is not a part of the key; name some of {}", parts.join(", "))
                }
            };
            errors.at(&action.literal, message);
        }
    }
}

/// `set null` needs a key whose every part is an `Option`.
fn whole_key_can_be_null(
    errors: &mut Errors,
    entity: &Entity,
    action: &ReferentialAction,
    sources: &[&Property],
) {
    let Some(required) = sources.iter().find(|source| !source.nullable) else {
        return;
    };
    let nullable: Vec<_> =
        sources.iter().filter(|source| source.nullable).map(|source| &*source.name).collect();
    let is_on_delete = entity.relations.iter().any(|relation| {
        let written = relation.attrs.options.on_delete.as_ref();
        written.is_some_and(|written| std::ptr::eq(written, action))
    });
    let message = match sources {
        [sole] => {
            format!("`{}` can't be null; make it an `Option`, or choose another action", sole.name)
        }
        _ if nullable.is_empty() => {
            "no part of the key can be null; make one an `Option`, or choose another action"
                .to_owned()
        }
        _ if is_on_delete => format!(
            "`{}` can't be null; set the others alone with `set null({})`, or make it an `Option`",
            required.name,
            nullable.join(", "),
        ),
        _ => format!(
            "`{}` can't be null; make it an `Option`, or choose another action",
            required.name
        ),
    };
    errors.at(&action.literal, message);
}

/// A key that is set to its default has one.
pub(super) fn set_default_has_a_default(errors: &mut Errors, entity: &Entity) {
    for (action, sources) in acting(entity, Action::SetDefault) {
        let lacking =
            sources.iter().find(|source| source.attrs.understood && source.default.is_none());
        if let Some(source) = lacking {
            errors.at(
                &action.literal,
                format!(
                    "`{}` has no default to set; add `#[column(default = \"…\")]` to it",
                    source.name
                ),
            );
        }
    }
}

/// An action, with the properties that it acts on. Keys with a property that does not exist are
/// left out: that is reported already.
fn acting(
    entity: &Entity,
    wanted: Action,
) -> impl Iterator<Item = (&ReferentialAction, Vec<&Property>)> {
    let with_constraint = entity.relations.iter().filter(|relation| relation.foreign_key.is_some());
    with_constraint.flat_map(move |relation| {
        let sources: Option<Vec<&Property>> =
            relation.key_from.iter().map(|key| entity.property(key)).collect();
        actions(relation)
            .filter(move |action| action.choice == wanted)
            .filter_map(move |action| Some((action, sources.clone()?)))
    })
}

fn actions(relation: &Relation) -> impl Iterator<Item = &ReferentialAction> {
    let options = &relation.attrs.options;
    [&options.on_delete, &options.on_update].into_iter().flatten()
}
