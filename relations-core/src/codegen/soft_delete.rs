//! Facts about soft delete, default scopes and filters of relations.

use std::any::Any;
use std::marker::PhantomData;

use crate::codegen::declared::DeclaredCell;
use crate::codegen::facts::{IsKey, IsProperty, is_id};
use crate::definition::entity::EntityDefinition;
use crate::definition::names::{has_all, same, same_pairs};
use crate::definition::property::Stamp;
use crate::definition::relation::{Action, RelationDefinition};
use crate::entity::Entity;
use crate::filter::{Filter, IntoFilter};
use crate::query::visible::Scope;

/// A property that is unique among the rows that are not deleted.
#[derive(Debug)]
pub struct UniqueNotDeleted<E, V>(PhantomData<fn() -> (E, V)>);

impl<E, V> UniqueNotDeleted<E, V> {
    /// The fact.
    pub const FACT: Self = Self(PhantomData);
}

impl<E, V> IsProperty for UniqueNotDeleted<E, V> {
    type Type = V;
}

/// A foreign key to it is refused by [`leaves_out_deleted_rows`], which says more than a missing trait.
impl<E, V> IsKey for UniqueNotDeleted<E, V> {
    type Type = V;
}

/// Whether the properties with these names are a key of the rows that are not deleted, and of no others.
#[must_use]
pub const fn leaves_out_deleted_rows(target: &EntityDefinition, names: &[&str]) -> bool {
    let mut found = false;
    let mut keys = target.unique_keys;
    while let [key, rest @ ..] = keys {
        keys = rest;
        if has_all(names, key.properties) && has_all(key.properties, names) {
            if key.filter.is_none() {
                return false;
            }
            found = found || key.not_deleted;
        }
    }
    found && !is_id(target, names)
}

/// The fit of a foreign key to the soft delete of its target.
#[derive(Debug, Clone, Copy)]
pub enum SoftDeleted {
    /// The target is not deleted softly, or knows what to do.
    Sound,
    /// The target does not know of its sources.
    Unknown,
    /// Sources that cannot be deleted softly would go with it.
    Hard,
}

/// The fit of a relation to the soft delete of its target. The source has a name, and soft delete or not.
#[must_use]
pub const fn soft_delete(
    target: &EntityDefinition,
    (source, is_soft): (&str, bool),
    relation: &RelationDefinition,
) -> SoftDeleted {
    if !is_soft_deleted(target) {
        return SoftDeleted::Sound;
    }
    if let Some(key) = &relation.foreign_key
        && matches!(key.on_delete, Action::Cascade)
        && !is_soft
    {
        return SoftDeleted::Hard;
    }
    let mut relations = target.relations;
    while let [one, rest @ ..] = relations {
        relations = rest;
        // A relation with a filter does not find all sources.
        if one.is_filtered() {
            continue;
        }
        let knows = match &one.through {
            Some(through) => {
                same(through.link.name, source) && same(through.from().name, relation.name)
            }
            None => {
                same(one.target.name, source)
                    && same_pairs((one.key_to, one.key_from), (relation.key_from, relation.key_to))
            }
        };
        if knows {
            return SoftDeleted::Sound;
        }
    }
    SoftDeleted::Unknown
}

/// Whether rows of an entity are deleted softly.
pub(crate) const fn is_soft_deleted(entity: &EntityDefinition) -> bool {
    let mut properties = entity.properties;
    while let [property, rest @ ..] = properties {
        if let Some(Stamp::DeletedAt) = property.stamp {
            return true;
        }
        properties = rest;
    }
    false
}

/// The condition of the default scope of an entity.
#[must_use]
pub fn scope_of<E: Scope>(cell: &'static DeclaredCell) -> &'static (dyn Any + Send + Sync) {
    filter_of(cell, E::filter)
}

/// The condition of a relation's filter.
#[must_use]
pub fn filter_of<E: Entity>(
    cell: &'static DeclaredCell,
    filter: fn() -> Filter<E>,
) -> &'static (dyn Any + Send + Sync) {
    cell.get(|| filter().predicate)
}

/// The filter of an entity that a relation is narrowed by.
pub fn filter<E: Entity, F: IntoFilter<E>>(filter: F) -> Filter<E> {
    filter.into_filter()
}
