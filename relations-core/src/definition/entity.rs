//! The definition of an entity: its table, properties, keys and relations.

use crate::definition::distribution::Distribution;
use crate::definition::index::{CheckDefinition, IndexDefinition};
use crate::definition::one_of::OneOfDefinition;
use crate::definition::property::{PropertyDefinition, Stamp};
use crate::definition::read_only::ReadOnly;
use crate::definition::relation::{RelationDefinition, RelationKind};
use crate::definition::unique_key::UniqueKeyDefinition;
use crate::definition::visible::DefaultScope;

/// The definition of an entity.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// struct Customer {
///     #[id(generated)]
///     pk: i64,
///     name: String,
/// }
///
/// assert_eq!(Customer::DEFINITION.table, "customers");
/// assert_eq!(Customer::DEFINITION.id().map(|id| id.name).collect::<Vec<_>>(), ["pk"]);
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct EntityDefinition {
    /// The name of the struct.
    pub name: &'static str,
    /// The schema of the table, if one is given.
    pub schema: Option<&'static str>,
    /// The table.
    pub table: &'static str,
    /// The properties, in the order of the struct's fields.
    pub properties: &'static [&'static PropertyDefinition],
    /// The relations, in the order they are written.
    pub relations: &'static [&'static RelationDefinition],
    /// The name of the primary key, if one is given.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub id_name: Option<&'static str>,
    /// The unique keys of several properties, or of some rows only.
    pub unique_keys: &'static [&'static UniqueKeyDefinition],
    /// The indexes of several properties, of some rows only, or with a name or a method.
    pub indexes: &'static [&'static IndexDefinition],
    /// The conditions that hold for each row.
    pub checks: &'static [&'static CheckDefinition],
    /// The relations to one of several entities.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "<[_]>::is_empty"))]
    pub one_of: &'static [&'static OneOfDefinition],
    /// Whether all tenants use the rows, as `#[entity(shared)]` says.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub shared: bool,
    /// The way in which a cluster distributes the rows.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Distribution::is_one_server"))]
    pub distribution: Distribution,
    /// The kind of view or table, if its rows are only read; `None` if they can be written.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub read_only: Option<ReadOnly>,
    /// The default scope, where the entity is `#[entity(scoped)]`.
    #[doc(hidden)]
    #[cfg_attr(feature = "serde", serde(skip))]
    pub default_scope: Option<DefaultScope>,
}

impl EntityDefinition {
    /// The definition of an entity in a table of the default schema.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        table: &'static str,
        properties: &'static [&'static PropertyDefinition],
        relations: &'static [&'static RelationDefinition],
    ) -> Self {
        Self {
            name,
            schema: None,
            table,
            properties,
            relations,
            id_name: None,
            unique_keys: &[],
            indexes: &[],
            checks: &[],
            one_of: &[],
            shared: false,
            distribution: Distribution::OneServer,
            read_only: None,
            default_scope: None,
        }
    }

    /// Sets the schema.
    #[doc(hidden)]
    #[must_use]
    pub const fn schema(mut self, schema: &'static str) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Sets the name of the primary key.
    #[doc(hidden)]
    #[must_use]
    pub const fn id_name(mut self, name: &'static str) -> Self {
        self.id_name = Some(name);
        self
    }

    /// Sets the unique keys of several properties, or of some rows only.
    #[doc(hidden)]
    #[must_use]
    pub const fn unique_keys(mut self, keys: &'static [&'static UniqueKeyDefinition]) -> Self {
        self.unique_keys = keys;
        self
    }

    /// Sets the indexes of several properties, of some rows only, or with a name or a method.
    #[doc(hidden)]
    #[must_use]
    pub const fn indexes(mut self, indexes: &'static [&'static IndexDefinition]) -> Self {
        self.indexes = indexes;
        self
    }

    /// Sets the conditions that hold for each row.
    #[doc(hidden)]
    #[must_use]
    pub const fn checks(mut self, checks: &'static [&'static CheckDefinition]) -> Self {
        self.checks = checks;
        self
    }

    /// Sets the relations to one of several entities.
    #[doc(hidden)]
    #[must_use]
    pub const fn one_of(mut self, one_of: &'static [&'static OneOfDefinition]) -> Self {
        self.one_of = one_of;
        self
    }

    /// Makes the rows those of all tenants.
    #[doc(hidden)]
    #[must_use]
    pub const fn shared(mut self) -> Self {
        self.shared = true;
        self
    }

    /// Sets the way in which a cluster distributes the rows.
    #[doc(hidden)]
    #[must_use]
    pub const fn distribution(mut self, distribution: Distribution) -> Self {
        self.distribution = distribution;
        self
    }

    /// Makes the entity read-only: a view, or a table that others write.
    #[doc(hidden)]
    #[must_use]
    pub const fn read_only(mut self, of: ReadOnly) -> Self {
        self.read_only = Some(of);
        self
    }

    /// Whether it is a view, materialized or not.
    #[must_use]
    pub const fn is_view(&self) -> bool {
        matches!(self.read_only, Some(ReadOnly::View | ReadOnly::MaterializedView))
    }

    /// The property that determines the server of a row in a cluster, if the rows are distributed by
    /// one.
    #[must_use]
    #[doc(alias = "distribution column")]
    #[doc(alias = "shard key")]
    pub fn distributed_by(&self) -> Option<&'static PropertyDefinition> {
        match self.distribution {
            Distribution::By(name) => self.property(name),
            Distribution::OneServer | Distribution::Reference => None,
        }
    }

    /// Whether a property tells the server of a row in a cluster.
    pub(crate) fn is_distributed_by(&self, property: &PropertyDefinition) -> bool {
        self.distributed_by().is_some_and(|by| by.is(property))
    }

    /// The property that holds the tenant of a row, if there is one.
    #[must_use]
    pub fn tenant(&self) -> Option<&'static PropertyDefinition> {
        self.properties.iter().copied().find(|property| property.tenant)
    }

    /// Sets the default scope.
    #[doc(hidden)]
    #[must_use]
    pub const fn default_scope(mut self, scope: DefaultScope) -> Self {
        self.default_scope = Some(scope);
        self
    }

    /// Whether both are of one entity. Constants have no address of their own to compare.
    pub(crate) fn is(&self, other: &Self) -> bool {
        (self.name, self.schema, self.table) == (other.name, other.schema, other.table)
    }

    /// The properties that make up the id, in the order of the struct's fields.
    pub fn id(&self) -> impl Iterator<Item = &'static PropertyDefinition> + Clone + use<> {
        self.properties.iter().copied().filter(|property| property.id)
    }

    /// Whether there is an id.
    #[must_use]
    pub fn has_id(&self) -> bool {
        self.id().next().is_some()
    }

    /// Whether there is an id, and all of it is such. Of no properties at all that would be true.
    pub(crate) fn id_is(&self, part: impl FnMut(&'static PropertyDefinition) -> bool) -> bool {
        self.has_id() && self.id().all(part)
    }

    /// The keys that are always unique in all rows: the id, then each unique property, then those of
    /// several properties. A deferrable key may hold only at the end of a transaction, and is left out.
    pub fn keys(&self) -> impl Iterator<Item = Vec<&'static PropertyDefinition>> + use<> {
        let properties = self.properties;
        let unique = properties.iter().filter(|property| property.is_unique_at_once());
        let whole = self.unique_keys.iter().filter(|key| key.holds_at_once());
        let several = whole.map(move |key| {
            let named = |name: &&str| properties.iter().copied().find(|one| one.name == *name);
            key.properties.iter().filter_map(named).collect()
        });
        let id = std::iter::once(self.id().collect()).filter(|id: &Vec<_>| !id.is_empty());
        id.chain(unique.map(|property| vec![*property])).chain(several)
    }

    /// Whether an index that is declared finds rows by these properties: a key of all rows, `#[index]`,
    /// or the index of a foreign key begins with them, in any order.
    pub(crate) fn is_indexed(&self, properties: &[&'static PropertyDefinition]) -> bool {
        let begins = |index: &[&str]| {
            let leading = index.get(..properties.len());
            let holds =
                |one: &&PropertyDefinition| leading.is_some_and(|all| all.contains(&one.name));
            properties.iter().all(holds)
        };
        let alone = |one: &&PropertyDefinition| one.unique || one.indexed;
        let of_id = || {
            properties.iter().zip(self.id()).all(|(_, id)| properties.iter().any(|one| one.is(id)))
        };
        let is_id = properties.len() <= self.id().count() && of_id();
        let whole = |key: &&UniqueKeyDefinition| key.filter.is_none() && begins(key.properties);
        let foreign = |one: &RelationDefinition| one.indexed && begins(one.key_from);
        is_id
            || matches!(properties, [only] if alone(only))
            || self.unique_keys.iter().any(whole)
            || self.indexes.iter().any(|index| index.is_plain() && begins(index.properties))
            || self.belongs_to().any(foreign)
    }

    /// The properties that are written with each change, in the order of the struct's fields.
    pub(crate) fn stamps(&self) -> impl Iterator<Item = &'static PropertyDefinition> + use<> {
        self.properties.iter().copied().filter(|property| property.stamp.is_some())
    }

    /// The properties that a change of a row makes by itself, in the order of the struct's fields.
    pub(crate) fn made(&self) -> impl Iterator<Item = &'static PropertyDefinition> + use<> {
        self.properties.iter().copied().filter(|property| property.is_made())
    }

    /// The property that counts how often a row was written, if there is one.
    #[must_use]
    pub fn version(&self) -> Option<&'static PropertyDefinition> {
        self.stamps().find(|property| property.stamp == Some(Stamp::Version))
    }

    /// The property with the time at which a row was deleted, for an entity with soft delete.
    #[must_use]
    pub fn deleted_at(&self) -> Option<&'static PropertyDefinition> {
        self.stamps().find(|property| property.stamp == Some(Stamp::DeletedAt))
    }

    /// Whether queries leave out some rows by default: deleted ones, or those outside of a default scope.
    #[must_use]
    pub fn hides_rows(&self) -> bool {
        self.default_scope.is_some() || self.deleted_at().is_some()
    }

    /// The property of that name, if there is one.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&'static PropertyDefinition> {
        self.properties.iter().copied().find(|property| property.name == name)
    }

    /// The relation of that name, if there is one.
    #[must_use]
    pub fn relation(&self, name: &str) -> Option<&'static RelationDefinition> {
        self.relations.iter().copied().find(|relation| relation.name == name)
    }

    /// The relations of which this entity holds the foreign key.
    pub fn belongs_to(&self) -> impl Iterator<Item = &'static RelationDefinition> + use<> {
        self.relations.iter().copied().filter(|relation| relation.kind == RelationKind::BelongsTo)
    }
}
