//! Facts about entities that rustc checks.

use std::marker::PhantomData;

use crate::definition::entity::EntityDefinition;
use crate::definition::kind::KindDefinition;
use crate::definition::names::{has, has_all, same, same_pairs};
use crate::definition::property::ColumnType;
use crate::definition::relation::{RelationDefinition, RelationKind};
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

/// A type of a property that may hold several keys of another.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold keys of `{Key}`",
    label = "this property is `{Self}`, the keys that it is to hold are `{Key}`",
    note = "make it `Vec<{Key}>`, or name the property on the other side that has the type of its elements"
)]
pub trait ReferencesEach<Key> {}

#[diagnostic::do_not_recommend]
impl<K> ReferencesEach<K> for Vec<K> {}

#[diagnostic::do_not_recommend]
impl<V: Value> ReferencesEach<Unknown> for V {}

/// Checks that an array of the second type can hold keys of the first.
pub const fn references_each<V: ReferencesEach<K>, K>(_: KeyType<K>, _: KeyType<V>) {}

/// Whether a column is bytes.
#[must_use]
pub const fn is_bytes(column_type: ColumnType) -> bool {
    matches!(column_type, ColumnType::Bytes)
}

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

/// Whether an entity has an id, or had errors, which are reported already.
#[must_use]
pub const fn has_id(entity: &EntityDefinition) -> bool {
    let mut properties = entity.properties;
    while let [property, rest @ ..] = properties {
        if property.id {
            return true;
        }
        properties = rest;
    }
    entity.properties.is_empty()
}

/// The relation of some properties to the keys of their entity.
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

/// The relation of the properties with these names to the keys of a target: a foreign key of several properties
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

/// The relation of properties to the id, if they are not all of it, and to unique properties.
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

/// Whether the properties with these names are a deferrable key, and no other key: no engine has a foreign
/// key to one.
#[must_use]
pub const fn is_deferrable_key(target: &EntityDefinition, names: &[&str]) -> bool {
    let mut found = false;
    let mut properties = target.properties;
    while let [property, rest @ ..] = properties {
        properties = rest;
        if property.unique && names.len() == 1 && has(names, property.name) {
            if property.is_unique_at_once() {
                return false;
            }
            found = true;
        }
    }
    let mut keys = target.unique_keys;
    while let [key, rest @ ..] = keys {
        keys = rest;
        let is_it = has_all(names, key.properties) && has_all(key.properties, names);
        if is_it && key.filter.is_none() {
            if key.holds_at_once() {
                return false;
            }
            found = true;
        }
    }
    found && !is_id(target, names)
}

/// Whether the properties of those names together tell apart the target's rows that are not deleted.
#[must_use]
pub const fn is_unique(target: &EntityDefinition, names: &[&str]) -> bool {
    is_unique_among(target, names, UniqueRows::NotDeleted)
}

/// Whether the properties of those names together tell apart some rows of the target, by a key with a filter.
#[must_use]
pub const fn is_unique_with_filter(target: &EntityDefinition, names: &[&str]) -> bool {
    is_unique_among(target, names, UniqueRows::Some)
}

/// Whether the properties of those names together tell apart all rows of the target, deleted ones as well.
#[must_use]
pub const fn is_unique_with_deleted(target: &EntityDefinition, names: &[&str]) -> bool {
    is_unique_among(target, names, UniqueRows::All)
}

/// The rows that a key is to tell apart.
#[derive(Clone, Copy)]
enum UniqueRows {
    All,
    NotDeleted,
    Some,
}

const fn is_unique_among(target: &EntityDefinition, names: &[&str], rows: UniqueRows) -> bool {
    let mut properties = target.properties;
    while let [property, rest @ ..] = properties {
        if property.unique && has(names, property.name) {
            return true;
        }
        properties = rest;
    }
    let mut keys = target.unique_keys;
    while let [key, rest @ ..] = keys {
        let holds = match rows {
            UniqueRows::All => key.filter.is_none(),
            UniqueRows::NotDeleted => key.filter.is_none() || key.not_deleted,
            UniqueRows::Some => true,
        };
        if holds && has_all(names, key.properties) {
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

/// The kind of the rows that belong to a source by these properties, if they do by a kind and an id.
#[must_use]
pub const fn key_kind(
    belongs_to: &'static [&'static RelationDefinition],
    source: &str,
    key: &[&str],
) -> Option<&'static KindDefinition> {
    let mut relations = belongs_to;
    while let [relation, rest @ ..] = relations {
        relations = rest;
        let leads_there = same(relation.target.name, source);
        if leads_there && same_pairs((relation.key_from, relation.key_from), (key, key)) {
            return relation.key_kind;
        }
    }
    None
}

/// The properties of a target by which a source is found: its key, and its kind if it has one.
#[must_use]
pub const fn held(relation: &RelationDefinition) -> &'static [&'static str] {
    match relation.key_kind {
        Some(kind) => kind.both,
        None => relation.key_to,
    }
}

/// Whether a word is one of a type's, which are none where it holds any text.
#[must_use]
pub const fn is_word(words: &[&str], word: &str) -> bool {
    words.is_empty() || has(words, word)
}

/// Whether a column is a text.
#[must_use]
pub const fn is_text(column_type: ColumnType) -> bool {
    matches!(column_type, ColumnType::Text)
}

/// Whether texts of a type are equal in the database as they are in Rust, as far as its name tells.
#[must_use]
pub const fn is_exact(sql_type: Option<&str>) -> bool {
    let Some(sql_type) = sql_type else { return true };
    let fixed = mentions(sql_type, "char") && !mentions(sql_type, "var");
    !fixed && !mentions(sql_type, "citext") && !mentions(sql_type, "collate")
}

/// Whether a text has a word in it, in any case.
const fn mentions(text: &str, word: &str) -> bool {
    let mut text = text.as_bytes();
    while let [_, rest @ ..] = text {
        if let Some((start, _)) = text.split_at_checked(word.len())
            && start.eq_ignore_ascii_case(word.as_bytes())
        {
            return true;
        }
        text = rest;
    }
    false
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

/// Whether a tenant can be of a type.
#[must_use]
pub const fn is_tenant(column_type: ColumnType) -> bool {
    use ColumnType::{BigInt, Integer, SmallInt, Text, Uuid};
    matches!(column_type, SmallInt | Integer | BigInt | Text | Uuid)
}
