//! What generated code calls. Nothing here is for users, and all of it may change.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::{Arc, PoisonError, RwLock};

pub use crate::column::{Codec, Codecs};
pub use crate::meta::{
    Action, EntityDefinition, ForeignKeyDefinition, PropertyDefinition, RelationDefinition,
    RelationKind, TargetDefinition,
};
pub use crate::query::Assignment;
pub use crate::relation::follow;
pub use crate::row::{Row, read_variant};
pub use crate::value::Parameter;
pub use std::vec::Vec;

use crate::engine::Engine;
use crate::error::Result;

/// The SQL of an entity that never changes, written when it is first needed.
#[derive(Debug)]
pub struct SqlCache(RwLock<BTreeMap<(Engine, Kept), Arc<str>>>);

/// Which statement is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kept {
    /// Rows by a key.
    ByKey { properties: &'static [&'static str], ordered: bool },
    /// The targets of many sources, by the relation's name.
    Targets(&'static str),
    /// The target of the source with an id, by the relation's name.
    TargetOfId(&'static str),
    /// A new row of these properties, a bit each.
    Insert(u64),
    /// A change of one row, by its id.
    Update,
    /// The removal of one row, by its id.
    Delete,
}

impl SqlCache {
    /// An empty cache.
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(RwLock::new(BTreeMap::new()))
    }

    /// The kept SQL, written now if it never was.
    pub(crate) fn sql(
        &self,
        engine: Engine,
        kept: Kept,
        write: impl FnOnce() -> Result<String>,
    ) -> Result<Arc<str>> {
        let key = (engine, kept);
        if let Some(sql) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(sql));
        }
        let sql: Arc<str> = write()?.into();
        let mut cache = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(cache.entry(key).or_insert(sql)))
    }
}

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

/// A foreign key that leads back to one row at most.
#[diagnostic::on_unimplemented(
    message = "the foreign key of a `has_one` must be `#[unique]`",
    label = "several rows may have the same",
    note = "mark it `#[unique]`, or say `#[has_many(…)]`"
)]
pub trait IsHasOneKey {}

impl<E, V> IsHasOneKey for Unique<E, V> {}

/// Checks that a foreign key leads back to one row at most.
pub const fn has_one_key<C: IsHasOneKey>(_: &C) {}

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

/// The type of a key.
#[derive(Debug)]
pub struct KeyType<V>(PhantomData<fn() -> V>);

/// The type of a property that must be a key.
#[must_use]
pub const fn key<C: IsKey>(_: &C) -> KeyType<C::Type> {
    KeyType(PhantomData)
}

/// The type of a property that is a part of a key.
#[must_use]
pub const fn key_part<C: IsProperty>(_: &C) -> KeyType<C::Type> {
    KeyType(PhantomData)
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

/// Checks that a foreign key of the codec's type can reference the key.
pub const fn references<V: References<K>, K>(_: KeyType<K>, _: Codec<V>) {}

/// Whether the names are those of the entity's id, in any order.
#[must_use]
pub const fn is_id(mut properties: &[&PropertyDefinition], names: &[&str]) -> bool {
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
    ids == names.len()
}

/// Whether one of the relations is the inverse of a relation to many: it goes to the source, by
/// the same keys.
#[must_use]
pub const fn has_inverse(
    mut relations: &[&RelationDefinition],
    source: &str,
    key_to: &[&str],
    key_from: &[&str],
) -> bool {
    while let [relation, rest @ ..] = relations {
        if matches!(relation.kind, RelationKind::BelongsTo)
            && same(relation.target.name, source)
            && same_pairs((relation.key_from, relation.key_to), (key_to, key_from))
        {
            return true;
        }
        relations = rest;
    }
    false
}

/// Whether two lists hold the same pairs, in any order.
const fn same_pairs(pairs: (&[&str], &[&str]), others: (&[&str], &[&str])) -> bool {
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

const fn has_pair((mut left, mut right): (&[&str], &[&str]), one: &str, other: &str) -> bool {
    while let ([first, left_rest @ ..], [second, right_rest @ ..]) = (left, right) {
        if same(first, one) && same(second, other) {
            return true;
        }
        (left, right) = (left_rest, right_rest);
    }
    false
}

const fn has(mut names: &[&str], name: &str) -> bool {
    while let [first, rest @ ..] = names {
        if same(first, name) {
            return true;
        }
        names = rest;
    }
    false
}

/// Whether two names are one; `==` is not for constants yet.
const fn same(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    while let ([one, left_rest @ ..], [other, right_rest @ ..]) = (left, right) {
        if *one != *other {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.len() == right.len()
}
