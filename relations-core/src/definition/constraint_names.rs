//! The names of constraints and indexes.
//!
//! DDL gives these names, and what an engine refuses is found again by them.

use std::borrow::Cow;

use crate::definition::deferrable::Deferrable;
use crate::definition::entity::EntityDefinition;
use crate::definition::index::{CheckDefinition, IndexDefinition};
use crate::definition::property::PropertyDefinition;
use crate::definition::relation::{RelationDefinition, RelationKind};
use crate::definition::unique_key::UniqueKeyDefinition;

/// The longest name that PostgreSQL keeps whole, in bytes.
const LONGEST_NAME: usize = 63;

/// A constraint or an index, over properties in their order.
pub(crate) struct NamedConstraint {
    pub(crate) name: String,
    pub(crate) what: What,
    pub(crate) properties: Vec<&'static str>,
}

/// The kind of the named object.
#[derive(Clone, Copy)]
pub(crate) enum What {
    Id {
        name: Option<&'static str>,
    },
    /// A constraint holds for all rows; a key of some is an index.
    UniqueKey {
        name: Option<&'static str>,
        filter: Option<&'static str>,
        deferrable: Deferrable,
    },
    ForeignKey(&'static RelationDefinition),
    /// By its definition on the struct, if it has one.
    Index(Option<&'static IndexDefinition>),
    Check(&'static CheckDefinition),
    /// The check that a number is one that its type holds.
    Bounds(&'static PropertyDefinition),
}

impl What {
    /// The name that was written for it.
    fn given_name(self) -> Option<&'static str> {
        match self {
            What::Id { name } | What::UniqueKey { name, .. } => name,
            What::ForeignKey(relation) => relation.foreign_key?.name,
            What::Index(index) => index?.name,
            What::Check(check) => check.name,
            What::Bounds(_) => None,
        }
    }

    /// The word that ends the names which PostgreSQL makes.
    fn kind(self) -> &'static str {
        match self {
            What::Id { .. } => "pkey",
            What::UniqueKey { .. } => "key",
            What::ForeignKey(_) => "fkey",
            What::Index(_) => "idx",
            What::Check(_) => "check",
            What::Bounds(_) => "bounds_check",
        }
    }

    /// The condition of a check.
    pub(crate) fn condition(self) -> Option<Cow<'static, str>> {
        match self {
            What::Check(check) => Some(check.condition.into()),
            What::Bounds(property) => property.within_bounds().map(Cow::Owned),
            What::Id { .. } | What::UniqueKey { .. } | What::ForeignKey(_) | What::Index(_) => None,
        }
    }

    pub(crate) fn is_unique(self) -> bool {
        matches!(self, What::Id { .. } | What::UniqueKey { .. })
    }

    /// Whether it is a constraint, and not an index alone.
    pub(crate) fn is_constraint(self) -> bool {
        !matches!(self, What::Index(_) | What::UniqueKey { filter: Some(_), .. })
    }
}

/// The constraints and indexes of an entity, as they are created one after another.
///
/// Columns `a` and `b_c` make the name that `a_b` and `c` do, and two relations may share a key. As in
/// PostgreSQL, the later name gets a number.
pub(crate) fn named(entity: &EntityDefinition) -> Vec<NamedConstraint> {
    let mut all: Vec<NamedConstraint> = Vec::new();
    for (what, properties) in unnamed(entity) {
        let name = match what.given_name() {
            Some(name) => name.to_owned(),
            None => free_name(entity, what, &properties, &all),
        };
        all.push(NamedConstraint { name, what, properties });
    }
    all
}

/// The objects to be named, in the order of their creation: a name that a database holds already
/// is that of the first.
fn unnamed(entity: &EntityDefinition) -> impl Iterator<Item = (What, Vec<&'static str>)> {
    let id =
        (What::Id { name: entity.id_name }, entity.id().map(|property| property.name).collect());
    let unique = entity.properties.iter().filter(|property| property.unique);
    let unique = unique.map(|property| {
        let (name, deferrable) = (property.unique_name, property.unique_deferrable);
        (What::UniqueKey { name, filter: None, deferrable }, vec![property.name])
    });
    let key = |key: &&UniqueKeyDefinition| {
        let UniqueKeyDefinition { name, filter, deferrable, .. } = **key;
        (What::UniqueKey { name, filter, deferrable }, key.properties.to_vec())
    };
    let is_whole = |key: &&&UniqueKeyDefinition| key.filter.is_none();
    let whole = entity.unique_keys.iter().filter(is_whole).map(key);
    let partial = entity.unique_keys.iter().filter(move |key| !is_whole(key)).map(key);
    let held = entity.relations.iter().filter(|relation| relation.foreign_key.is_some());
    let held = held.map(|relation| (What::ForeignKey(relation), relation.key_from.to_vec()));
    let indexes = indexes(entity).into_iter().map(|properties| (What::Index(None), properties));
    let declared = entity.indexes.iter().copied();
    let declared = declared.map(|index| (What::Index(Some(index)), index.properties.to_vec()));
    let checks = entity.checks.iter().copied().map(|check| (What::Check(check), Vec::new()));
    // A table that others define has none.
    let written = entity.properties.iter().filter(|_| entity.read_only.is_none());
    let bounds = written.filter(|property| property.within_bounds().is_some());
    let bounds = bounds.map(|property| (What::Bounds(property), vec![property.name]));
    let id = Some(id).filter(|(_, properties): &(What, Vec<_>)| !properties.is_empty());
    id.into_iter()
        .chain(unique)
        .chain(whole)
        .chain(checks)
        .chain(held)
        .chain(partial)
        .chain(indexes)
        .chain(declared)
        .chain(bounds)
}

/// The indexes that are asked for, and those on foreign keys that no key begins with.
fn indexes(entity: &EntityDefinition) -> Vec<Vec<&'static str>> {
    let on_keys = entity
        .relations
        .iter()
        .filter(|relation| relation.kind == RelationKind::BelongsTo && relation.indexed)
        .map(|relation| relation.key_from.to_vec())
        .filter(|names| !leads_a_key(entity, names));
    let asked = entity
        .properties
        .iter()
        .filter(|property| property.indexed)
        .map(|property: &&PropertyDefinition| vec![property.name]);
    let mut all: Vec<Vec<&'static str>> = Vec::new();
    for names in on_keys.chain(asked) {
        if !all.contains(&names) {
            all.push(names);
        }
    }
    all
}

/// Whether the primary key, a unique one or a declared index begins with these properties.
fn leads_a_key(entity: &EntityDefinition, names: &[&'static str]) -> bool {
    let ids = entity.id().map(|property| property.name).take(names.len());
    let unique = |name: &&str| entity.property(name).is_some_and(|property| property.unique);
    let leads =
        |key: &&UniqueKeyDefinition| key.filter.is_none() && key.properties.starts_with(names);
    ids.eq(names.iter().copied())
        || matches!(names, [only] if unique(only))
        || entity.unique_keys.iter().any(leads)
        || entity
            .indexes
            .iter()
            .any(|index| index.is_plain() && index.properties.starts_with(names))
}

/// The name that PostgreSQL would give: table, columns and what it is, and a number where another
/// has that name.
fn free_name(
    entity: &EntityDefinition,
    what: What,
    properties: &[&'static str],
    others: &[NamedConstraint],
) -> String {
    let columns = properties.iter().filter_map(|name| entity.property(name)).map(|one| one.column);
    // There is one id, so its columns tell nothing.
    let columns = columns.filter(|_| !matches!(what, What::Id { .. }));
    let mut words: Vec<_> = [entity.table].into_iter().chain(columns).collect();
    if let What::Index(Some(index)) = what {
        words.extend(index.word());
    }
    words.push(what.kind());
    let whole = words.join("_");
    let mut name = shortened(&whole);
    let mut number = 0;
    while others.iter().any(|other| cut(&other.name) == name) {
        number += 1;
        name = shortened(&format!("{whole}{number}"));
    }
    name
}

/// A name cut to what PostgreSQL keeps; what is cut off is told apart by a sum of the whole.
fn shortened(name: &str) -> String {
    if name.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    // FNV-1a: the same on every machine and in every version, as a name must be.
    let sum = name
        .bytes()
        .fold(0x811c_9dc5_u32, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let kept = within(name, LONGEST_NAME - "_01234567".len());
    format!("{kept}_{sum:08x}")
}

/// The name of a CHECK constraint.
pub(crate) fn check_name(entity: &EntityDefinition, of: &str) -> String {
    shortened(&format!("{}_{of}_check", entity.table))
}

/// A name as PostgreSQL keeps it, which cuts off what is too long.
pub(crate) fn cut(name: &str) -> &str {
    within(name, LONGEST_NAME)
}

/// A name that is cut so that something of that length can follow it.
#[cfg(feature = "migrations")]
pub(crate) fn cut_to(name: &str, following: usize) -> &str {
    within(name, LONGEST_NAME.saturating_sub(following))
}

/// As much of a text as there is room for, in bytes.
fn within(text: &str, room: usize) -> &str {
    let ends = text.char_indices().map(|(at, character)| at + character.len_utf8());
    let end = ends.take_while(|end| *end <= room).last().unwrap_or_default();
    text.get(..end).unwrap_or_default()
}

/// The keys that an entity has, of which no two rows are the same: the names that this crate gives
/// them, and their properties.
pub(crate) fn unique_keys(entity: &EntityDefinition) -> Vec<(String, Vec<&'static str>)> {
    let unique = named(entity).into_iter().filter(|one| one.what.is_unique());
    unique.map(|one| (one.name, one.properties)).collect()
}

/// The name of a relation's constraint; `None` where it has none.
pub(crate) fn foreign_key_name(
    source: &EntityDefinition,
    relation: &RelationDefinition,
) -> Option<String> {
    let is_it = |one: &NamedConstraint| matches!(one.what, What::ForeignKey(of) if of.name == relation.name);
    named(source).into_iter().find(is_it).map(|one| one.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_and_told_apart() {
        let one = shortened(&format!("{}_a_fkey", "é".repeat(40)));
        let other = shortened(&format!("{}_b_fkey", "é".repeat(40)));
        assert!(one.len() <= LONGEST_NAME && other.len() <= LONGEST_NAME);
        assert_ne!(one, other);
    }
}
