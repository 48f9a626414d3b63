//! Facts about the distribution of rows over the servers of a cluster.

use crate::definition::distribution::Distribution;
use crate::definition::entity::EntityDefinition;
use crate::definition::names::same;
use crate::definition::property::PropertyDefinition;
use crate::definition::relation::RelationDefinition;

/// Whether each server has some rows of an entity.
#[must_use]
pub const fn is_distributed(entity: &EntityDefinition) -> bool {
    matches!(entity.distribution, Distribution::By(_))
}

/// Whether a row of a distributed entity is on the server of its target.
#[derive(Debug, Clone, Copy)]
pub enum Colocated {
    /// It is, or each server has all targets.
    Sound,
    /// The key does not pair the two properties by which they are distributed.
    Apart,
    /// The columns are of two types, so that equal values may be on two servers.
    OfTwoTypes,
    /// One server has all targets.
    OnOneServer,
}

/// Whether a row of a distributed source is on the server of its target.
///
/// A target without properties had mistakes, which are told already.
#[must_use]
pub const fn colocated(
    source: &EntityDefinition,
    target: &EntityDefinition,
    relation: &RelationDefinition,
) -> Colocated {
    let (of, to) = match (source.distribution, target.distribution) {
        _ if target.properties.is_empty() => return Colocated::Sound,
        (Distribution::By(of), Distribution::By(to)) => (of, to),
        (Distribution::By(_), Distribution::OneServer) => return Colocated::OnOneServer,
        _ => return Colocated::Sound,
    };
    let (mut key_from, mut key_to) = (relation.key_from, relation.key_to);
    while let ([from, other_from @ ..], [key, other_keys @ ..]) = (key_from, key_to) {
        if same(from, of) && same(key, to) {
            return match (sought(source, of), sought(target, to)) {
                (Some(one), Some(other)) if !are_of_one_type(one, other) => Colocated::OfTwoTypes,
                _ => Colocated::Sound,
            };
        }
        (key_from, key_to) = (other_from, other_keys);
    }
    Colocated::Apart
}

const fn sought(entity: &EntityDefinition, name: &str) -> Option<&'static PropertyDefinition> {
    let mut properties = entity.properties;
    while let [property, rest @ ..] = properties {
        if same(property.name, name) {
            return Some(*property);
        }
        properties = rest;
    }
    None
}

/// Whether two columns are of one type. The types in Rust are compared as those of each foreign key.
const fn are_of_one_type(one: &PropertyDefinition, other: &PropertyDefinition) -> bool {
    match (one.sql_type, other.sql_type) {
        (Some(one), Some(other)) => same(one, other),
        (None, None) => true,
        _ => false,
    }
}
