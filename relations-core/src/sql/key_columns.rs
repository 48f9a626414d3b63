//! The columns of keys, and the columns that their values are from.

use sea_query::Expr;

use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::definition::relation::{RelationDefinition, ThroughDefinition};
use crate::plan::tree::Planned;
use crate::sql::from_clause::{AliasedTable, named};

/// A column that a key is a value of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    pub(super) entity: &'static EntityDefinition,
    pub(super) property: &'static PropertyDefinition,
}

impl Origin {
    pub(crate) fn new(
        entity: &'static EntityDefinition,
        property: &'static PropertyDefinition,
    ) -> Self {
        Self { entity, property }
    }

    /// The column of a source or a target that a property of a link is a key of.
    pub(crate) fn of_end(
        through: &ThroughDefinition,
        property: &PropertyDefinition,
    ) -> Option<Self> {
        [through.from(), through.to()].into_iter().find_map(|end| {
            let at = end.key_from.iter().position(|name| *name == property.name)?;
            let entity = end.target.definition();
            Some(Self { entity, property: entity.property(end.key_to.get(at)?)? })
        })
    }

    /// The column of a source that holds the part of a relation's key at a position.
    pub(crate) fn of(
        relation: &'static RelationDefinition,
        entity: &'static EntityDefinition,
        at: usize,
    ) -> Option<Self> {
        let property = entity.property(relation.key_from.get(at)?)?;
        Some(Self { entity, property })
    }
}

/// The columns that the parts of a key are compared with, and those that they are values of.
#[derive(Debug)]
pub(crate) struct LookupColumns {
    /// The target, or the link that leads to it.
    pub(super) entity: &'static EntityDefinition,
    pub(super) properties: Vec<&'static PropertyDefinition>,
    pub(super) origins: Vec<Origin>,
}

impl LookupColumns {
    pub(crate) fn new(
        entity: &'static EntityDefinition,
        properties: Vec<&'static PropertyDefinition>,
        source: &'static EntityDefinition,
        key_from: &'static [&'static str],
    ) -> Self {
        let origins = named(source, key_from).map(|property| Origin { entity: source, property });
        Self { entity, properties, origins: origins.collect() }
    }

    /// Whether the definition says that an index finds rows by the key.
    pub(super) fn are_indexed(&self) -> bool {
        self.entity.is_indexed(&self.properties)
    }

    /// Whether a key has one row at most, by the id or a unique property. Its index is there for sure.
    pub(super) fn are_unique(&self) -> bool {
        let [only] = self.properties.as_slice() else { return false };
        if self.entity.is_view() {
            return false;
        }
        only.is_unique_at_once() || self.entity.id_is(|part| part.is(only))
    }

    /// Whether a key is a unique integer. Hundreds of these are compared so fast that it matters little
    /// whether an index or a hash finds them; texts and UUIDs take several times as long by an index.
    pub(super) fn are_unique_integers(&self) -> bool {
        let is_integer = |part: &&PropertyDefinition| part.column_type.is_integer();
        self.are_unique() && self.properties.iter().all(is_integer)
    }

    /// The position of the part by which rows are distributed over the servers of a cluster, if it is one.
    pub(super) fn distribution(&self) -> Option<usize> {
        let by = self.entity.distributed_by()?;
        self.properties.iter().position(|property| property.is(by))
    }

    /// The columns of a place that hold the key.
    pub(super) fn of(&self, place: &AliasedTable) -> Vec<Expr> {
        self.properties.iter().map(|property| place.column(property)).collect()
    }
}

impl Planned {
    pub(crate) fn key_columns(&self) -> LookupColumns {
        let (entity, properties) = self.relation.key_properties();
        LookupColumns::new(entity, properties, self.source, self.relation.key_from)
    }
}
