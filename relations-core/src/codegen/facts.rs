//! Facts about entities that rustc checks.

use std::marker::PhantomData;

use crate::definition::entity::EntityDefinition;
use crate::definition::property::ColumnType;
use crate::definition::relation::{RelationDefinition, RelationKind, TargetDefinition};
use crate::value::Value;
use crate::value::key::KeyType;

/// A property that tells rows apart: a sole id, or a unique one.
#[derive(Debug)]
pub struct Unique<E, V>(PhantomData<fn() -> (E, V)>);

/// A property that several rows may share.
#[derive(Debug)]
pub struct NotUnique<E, V>(PhantomData<fn() -> (E, V)>);

/// The id of an entity, where several properties make it up.
#[derive(Debug)]
pub struct CompositeId<E>(PhantomData<fn() -> E>);

impl<E, V> Unique<E, V> {
    /// The fact.
    pub const FACT: Self = Self(PhantomData);
}

impl<E, V> NotUnique<E, V> {
    /// The fact.
    pub const FACT: Self = Self(PhantomData);
}

impl<E> CompositeId<E> {
    /// The fact.
    pub const FACT: Self = Self(PhantomData);
}

/// A property that a foreign key of one property can reference.
#[diagnostic::on_unimplemented(
    message = "a foreign key must reference an `#[id]` or `#[unique]` property",
    label = "this is neither",
    note = "mark it `#[unique]`, or point elsewhere with `key_to = \"…\"`; an id of several \
            properties is referenced by all of them, with `key_from(…)` and `key_to(…)` in a \
            `#[belongs_to(…)]` above the struct"
)]
pub trait IsKey {
    /// The type of the key.
    type Type;
}

impl<E, V> IsKey for Unique<E, V> {
    type Type = V;
}

/// A property, whether or not it is a key.
pub trait IsProperty {
    /// The type of the property without its `Option`.
    type Type;
}

impl<E, V> IsProperty for Unique<E, V> {
    type Type = V;
}

impl<E, V> IsProperty for NotUnique<E, V> {
    type Type = V;
}

/// The type of a property that must be a key.
#[must_use]
pub const fn key<C: IsKey>(_: &C) -> KeyType<C::Type> {
    KeyType::NEW
}

/// The type of a property that is a part of a key.
#[must_use]
pub const fn key_part<C: IsProperty>(_: &C) -> KeyType<C::Type> {
    KeyType::NEW
}

/// A type that a foreign key may have to reference a key of another.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` foreign key cannot reference a `{Key}` key",
    label = "this field is `{Self}`, the key it points to is `{Key}`",
    note = "give both sides one type, or point elsewhere with `key_to = \"…\"`"
)]
pub trait References<Key> {}

#[diagnostic::do_not_recommend]
impl<K> References<K> for K {}

/// The key of an entity with mistakes, which any foreign key can reference.
#[derive(Debug)]
pub struct Unknown;

#[diagnostic::do_not_recommend]
impl<V: Value> References<Unknown> for V {}

/// Checks that a foreign key of the second type can reference a key of the first.
pub const fn references<V: References<K>, K>(_: KeyType<K>, _: KeyType<V>) {}

/// Whether the names are those of the target's id, in any order.
///
/// A target without properties had mistakes, which are told already; nothing is to follow from
/// them, here and below.
#[must_use]
pub const fn is_id(target: &EntityDefinition, names: &[&str]) -> bool {
    let mut properties = target.properties;
    let mut ids = 0;
    while let [property, rest @ ..] = properties {
        if property.id {
            ids += 1;
            if !has(names, property.name) {
                return false;
            }
        }
        properties = rest;
    }
    ids == names.len() || target.properties.is_empty()
}

/// What properties are to the keys of their entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompositeKey {
    /// The id, or a key that is unique in all rows, in any order.
    Whole,
    /// Some of the properties of such a key.
    Part,
    /// All properties of such a key, and others.
    Excess,
    /// None of these.
    None,
}

/// What properties of those names are to the keys of a target: a foreign key of several properties
/// references all of a key, and nothing else.
#[must_use]
pub const fn composite_key(target: &EntityDefinition, names: &[&str]) -> CompositeKey {
    if is_id(target, names) {
        return CompositeKey::Whole;
    }
    let mut found = fit_of_id(target, names);
    let mut keys = target.unique_keys;
    while let [key, rest @ ..] = keys {
        keys = rest;
        if key.filter.is_some() {
            continue;
        }
        let (has_all_of_it, is_all_in_it) =
            (has_all(names, key.properties), has_all(key.properties, names));
        match (has_all_of_it, is_all_in_it) {
            (true, true) => return CompositeKey::Whole,
            (true, false) => found = CompositeKey::Excess,
            (false, true) => found = CompositeKey::Part,
            (false, false) => {}
        }
    }
    found
}

/// What properties are to the id, where they are not all of it, and to what is unique by itself.
pub(crate) const fn fit_of_id(target: &EntityDefinition, names: &[&str]) -> CompositeKey {
    let mut properties = target.properties;
    let (mut ids, mut named_ids, mut named_unique) = (0, 0, false);
    while let [property, rest @ ..] = properties {
        properties = rest;
        let is_named = has(names, property.name);
        if property.id {
            ids += 1;
        }
        if property.id && is_named {
            named_ids += 1;
        }
        named_unique = named_unique || (property.unique && is_named);
    }
    if named_unique || (ids > 0 && named_ids == ids) {
        CompositeKey::Excess
    } else if named_ids == names.len() {
        CompositeKey::Part
    } else {
        CompositeKey::None
    }
}

/// Whether the properties of those names together tell the target's rows apart.
#[must_use]
pub const fn is_unique(target: &EntityDefinition, names: &[&str]) -> bool {
    let mut properties = target.properties;
    while let [property, rest @ ..] = properties {
        if property.unique && has(names, property.name) {
            return true;
        }
        properties = rest;
    }
    let mut keys = target.unique_keys;
    while let [key, rest @ ..] = keys {
        if key.filter.is_none() && has_all(names, key.properties) {
            return true;
        }
        keys = rest;
    }
    is_id(target, names)
}

/// Whether a relation to many or to one has an inverse.
#[derive(Debug, Clone, Copy)]
pub enum Inverse {
    /// The target belongs to the source, by the same properties.
    Found,
    /// The target belongs to the source by its own properties, and leads to others of the source.
    OtherKey,
    /// The target does not belong to the source by these properties.
    Missing,
}

/// The inverse of a relation to many or to one.
#[must_use]
pub const fn inverse(
    target: &EntityDefinition,
    source: &str,
    key_to: &[&str],
    key_from: &[&str],
) -> Inverse {
    if target.properties.is_empty() {
        return Inverse::Found;
    }
    let mut inverse = Inverse::Missing;
    let mut relations = target.relations;
    while let [relation, rest @ ..] = relations {
        relations = rest;
        if !matches!(relation.kind, RelationKind::BelongsTo) || !same(relation.target.name, source)
        {
            continue;
        }
        if same_pairs((relation.key_from, relation.key_to), (key_to, key_from)) {
            return Inverse::Found;
        }
        if same_pairs((relation.key_from, relation.key_from), (key_to, key_to)) {
            inverse = Inverse::OtherKey;
        }
    }
    inverse
}

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

/// Whether a column counts.
#[must_use]
pub const fn is_integer(column_type: ColumnType) -> bool {
    matches!(column_type, ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt)
}

/// Whether a column tells a date and a time.
#[must_use]
pub const fn is_timestamp(column_type: ColumnType) -> bool {
    matches!(column_type, ColumnType::Timestamp | ColumnType::TimestampTz)
}

/// What the two relations of a link are to the relation that goes through it.
#[derive(Debug, Clone, Copy)]
pub enum Ends {
    /// They lead to the source's key and to the target.
    Sound,
    /// They are one and the same.
    OneRelation,
    /// The first leads to another key of the source.
    OtherKey,
}

/// What the two relations of a link are to a relation from such a key.
#[must_use]
pub const fn ends(relation: &RelationDefinition, key_from: &[&str]) -> Ends {
    match ends_of(relation) {
        Some((from, to)) => {
            if same(from.name, to.name) {
                Ends::OneRelation
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
    let (mut properties, mut is_id) = (link.properties, true);
    while let [property, rest @ ..] = properties {
        properties = rest;
        if has(from.key_from, property.name) || has(to.key_from, property.name) {
            if property.unique {
                return true;
            }
        } else if property.id {
            is_id = false;
        }
    }
    let mut keys = link.unique_keys;
    while let [key, rest @ ..] = keys {
        keys = rest;
        let (mut parts, mut is_whole) = (key.properties, key.filter.is_none());
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

/// Whether two lists hold the same pairs, in any order.
pub(crate) const fn same_pairs(pairs: (&[&str], &[&str]), others: (&[&str], &[&str])) -> bool {
    let (mut left, mut right) = pairs;
    if left.len() != others.0.len() {
        return false;
    }
    while let ([one, left_rest @ ..], [other, right_rest @ ..]) = (left, right) {
        if !has_pair(others, one, other) {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    true
}

pub(crate) const fn has_pair(
    (mut left, mut right): (&[&str], &[&str]),
    one: &str,
    other: &str,
) -> bool {
    while let ([first, left_rest @ ..], [second, right_rest @ ..]) = (left, right) {
        if same(first, one) && same(second, other) {
            return true;
        }
        (left, right) = (left_rest, right_rest);
    }
    false
}

pub(crate) const fn has(mut names: &[&str], name: &str) -> bool {
    while let [first, rest @ ..] = names {
        if same(first, name) {
            return true;
        }
        names = rest;
    }
    false
}

pub(crate) const fn has_all(names: &[&str], mut sought: &[&str]) -> bool {
    while let [first, rest @ ..] = sought {
        if !has(names, first) {
            return false;
        }
        sought = rest;
    }
    true
}

/// Whether two names are one; `==` is not for constants yet.
pub(crate) const fn same(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    while let ([one, left_rest @ ..], [other, right_rest @ ..]) = (left, right) {
        if *one != *other {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.len() == right.len()
}
