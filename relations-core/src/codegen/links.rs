//! Facts about link entities, the rows of join tables.

use crate::codegen::soft_delete::is_soft_deleted;
use crate::definition::entity::EntityDefinition;
use crate::definition::names::{has, same, same_pairs};
use crate::definition::relation::{RelationDefinition, RelationKind, TargetDefinition};

/// Whether a link leads to one of the sides that it is to link.
#[derive(Debug, Clone, Copy)]
pub enum End {
    /// By one relation.
    Found,
    /// By no relation, or none of the name that is given.
    Missing,
    /// By several, or by one of that name that leads elsewhere.
    Ambiguous,
}

/// Whether a link leads to a side, by the relation of that name or by the only one.
#[must_use]
pub const fn end(link: &'static EntityDefinition, side: &str, named: Option<&str>) -> End {
    if link.properties.is_empty() {
        return End::Found;
    }
    match (sought(link.relations, side, named), named) {
        ((Some(_), 1), _) => End::Found,
        ((_, 0), _) => End::Missing,
        _ => End::Ambiguous,
    }
}

/// The relation by which a link leads to a side. One that leads nowhere stands for what is not
/// there, which is told elsewhere.
#[must_use]
pub const fn leading(
    belongs_to: &'static [&'static RelationDefinition],
    side: &str,
    named: Option<&str>,
) -> &'static RelationDefinition {
    const NOWHERE: &RelationDefinition = {
        const NOTHING: &EntityDefinition = &EntityDefinition::new("", "", &[], &[]);
        let target = TargetDefinition::new("", || NOTHING);
        &RelationDefinition::new(RelationKind::BelongsTo, "", "", target, &[], &[])
    };
    match sought(belongs_to, side, named).0 {
        Some(relation) => relation,
        None => NOWHERE,
    }
}

/// A relation that belongs to a side, and how many may be meant: all that do, or have that name.
pub(crate) const fn sought(
    mut relations: &'static [&'static RelationDefinition],
    side: &str,
    named: Option<&str>,
) -> (Option<&'static RelationDefinition>, usize) {
    let (mut found, mut meant) = (None, 0);
    while let [relation, rest @ ..] = relations {
        relations = rest;
        if !matches!(relation.kind, RelationKind::BelongsTo) {
            continue;
        }
        let leads_there = same(relation.target.name, side);
        let is_meant = match named {
            Some(name) => same(relation.name, name),
            None => leads_there,
        };
        if is_meant {
            meant += 1;
            if leads_there {
                found = Some(*relation);
            }
        }
    }
    (found, meant)
}

/// The fit of a link's two relations to the relation that goes through it.
#[derive(Debug, Clone, Copy)]
pub enum Ends {
    /// They lead to the source's key and to the target.
    Sound,
    /// They are one and the same.
    OneRelation,
    /// The first leads to another key of the source.
    OtherKey,
    /// One leads by a kind and an id.
    OfKind,
}

/// The fit of a link's two relations to a relation from such a key.
#[must_use]
pub const fn ends(relation: &RelationDefinition, key_from: &[&str]) -> Ends {
    match ends_of(relation) {
        Some((from, to)) => {
            if same(from.name, to.name) {
                Ends::OneRelation
            } else if from.key_kind.is_some() || to.key_kind.is_some() {
                Ends::OfKind
            } else if same_pairs((from.key_to, from.key_to), (key_from, key_from)) {
                Ends::Sound
            } else {
                Ends::OtherKey
            }
        }
        None => Ends::Sound,
    }
}

/// The two relations of a link; none where one leads nowhere, which is told elsewhere.
pub(crate) const fn ends_of(
    relation: &RelationDefinition,
) -> Option<(&'static RelationDefinition, &'static RelationDefinition)> {
    match &relation.through {
        Some(through) if !through.from().key_to.is_empty() && !through.to().key_to.is_empty() => {
            Some((through.from(), through.to()))
        }
        _ => None,
    }
}

/// Whether a link is made of the keys that a relation gives it, or the database makes the rest.
#[must_use]
pub const fn is_alone(link: &EntityDefinition, relation: &RelationDefinition) -> bool {
    let Some((from, to)) = ends_of(relation) else {
        return true;
    };
    let mut properties = link.properties;
    while let [property, rest @ ..] = properties {
        properties = rest;
        let is_made = property.generated
            || property.nullable
            || property.default.is_some()
            || property.stamp.is_some()
            || property.tenant
            || property.generated_as.is_some();
        let is_key = has(from.key_from, property.name) || has(to.key_from, property.name);
        if !is_made && !is_key {
            return false;
        }
    }
    true
}

/// Whether a key of a link has no other parts than the keys that a relation gives it, so that no two
/// links say the same.
#[must_use]
pub const fn is_once(link: &EntityDefinition, relation: &RelationDefinition) -> bool {
    let Some((from, to)) = ends_of(relation) else {
        return true;
    };
    // A deleted link with that key would stand in the way of a new one.
    let is_soft = is_soft_deleted(link);
    let (mut properties, mut is_id) = (link.properties, !is_soft);
    while let [property, rest @ ..] = properties {
        properties = rest;
        if has(from.key_from, property.name) || has(to.key_from, property.name) {
            if property.is_unique_at_once() && !is_soft {
                return true;
            }
        } else if property.id {
            is_id = false;
        }
    }
    let mut keys = link.unique_keys;
    while let [key, rest @ ..] = keys {
        keys = rest;
        let holds = if is_soft { key.not_deleted } else { key.holds_at_once() };
        let (mut parts, mut is_whole) = (key.properties, holds);
        while let [part, others @ ..] = parts {
            parts = others;
            is_whole = is_whole && (has(from.key_from, part) || has(to.key_from, part));
        }
        if is_whole {
            return true;
        }
    }
    is_id
}
