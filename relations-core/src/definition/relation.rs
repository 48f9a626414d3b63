//! Definitions of relations: source, target, keys and constraint.

use crate::definition::entity::EntityDefinition;
pub use crate::definition::foreign_key::{Action, ForeignKeyDefinition};
use crate::definition::kind::KindDefinition;
use crate::definition::names::same;
use crate::definition::property::PropertyDefinition;
pub use crate::definition::through::ThroughDefinition;
use crate::definition::visible::{RelationFilter, Visible};

/// The direction and the arity of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum RelationKind {
    /// The source holds the foreign key.
    BelongsTo,
    /// The target holds the foreign key, or a link between the two does; a source has any number
    /// of targets.
    HasMany,
    /// The target holds the foreign key; a source has one target at most.
    HasOne,
}

/// The side of a relation whose rows hold several keys of the other side, in an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum KeyArray {
    /// A source holds the keys of its targets, in their order: `keys_from`.
    Source,
    /// A target holds the keys of its sources: `keys_to`.
    Target,
}

/// The definition of a relation.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Customer { #[id(generated)] pk: i64 }
/// #[derive(Entity)]
/// struct Order {
///     #[id(generated)]
///     id: i64,
///     #[belongs_to(Customer, key_to = "pk")]
///     customer_id: i64,
/// }
///
/// let customer = Order::DEFINITION.relation("customer").unwrap();
/// assert_eq!(customer.target.name, "Customer");
/// assert_eq!(customer.key_from, ["customer_id"]);
/// assert_eq!(customer.key_to, ["pk"]);
/// assert!(!customer.targets_many());
///
/// // The foreign key is a property like any other, and knows what it references.
/// let references = Order::CUSTOMER_ID.definition().references.unwrap();
/// assert_eq!(references.target.name, "Customer");
/// ```
#[derive(Debug)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct RelationDefinition {
    /// Which way it goes.
    pub kind: RelationKind,
    /// The name of the relation, which its accessor has too.
    pub name: &'static str,
    /// The name of the entity it goes from.
    pub source: &'static str,
    /// The entity it goes to.
    pub target: TargetDefinition,
    /// The properties of the source that are compared with `key_to`, in pairs; with the link's
    /// where there is one.
    pub key_from: &'static [&'static str],
    /// The properties of the target that are compared with `key_from`, in pairs; with the link's
    /// where there is one.
    pub key_to: &'static [&'static str],
    /// The link of a many-to-many relation.
    pub through: Option<ThroughDefinition>,
    /// Whether a source may be without a target.
    pub optional: bool,
    /// The foreign key constraint, if the source has one.
    pub foreign_key: Option<ForeignKeyDefinition>,
    /// Whether the foreign key's columns are indexed.
    pub indexed: bool,
    /// Whether the relation sees all rows of its target, as `unscoped` says.
    pub unscoped: bool,
    /// The condition that narrows the targets, if there is one.
    pub filter: Option<RelationFilter>,
    /// The kind of the sources that have a target, of a `belongs_to` by a kind and an id; the kind of the
    /// targets, of its inverse.
    pub key_kind: Option<&'static KindDefinition>,
    /// The side that holds its keys in an array; `None` if each key is one row's. An array has no foreign key, so
    /// its keys may have no rows.
    pub key_array: Option<KeyArray>,
    /// Whether it leads to an entity that hides rows, and does not see these.
    pub(crate) narrowed: bool,
}

impl RelationDefinition {
    /// Whether a constraint promises that a key has a target that the relation sees.
    pub(crate) fn promises_target(&self) -> bool {
        self.foreign_key.is_some() && !self.narrowed
    }

    /// Whether a transaction may be without the target until its end.
    pub(crate) fn is_deferrable(&self) -> bool {
        self.foreign_key.is_some_and(|key| !key.deferrable.is_no())
    }

    /// The rows of the target that the relation sees.
    pub(crate) fn visible(&self) -> Visible {
        let rows = if self.unscoped { Visible::ALL } else { Visible::SCOPED };
        let kind = self.key_kind.filter(|_| self.kind_of_source().is_none());
        Visible { filter: self.filter, kind, ..rows }
    }

    /// The kind of the sources that have a target, where other sources hold the key of something else.
    pub(crate) fn kind_of_source(&self) -> Option<&'static KindDefinition> {
        self.key_kind.filter(|_| self.kind == RelationKind::BelongsTo)
    }

    /// The properties of a source that lead to its target: its key, and the kind of that if it has one.
    pub(crate) fn leading(&self) -> impl Iterator<Item = &'static str> + use<> {
        let kind = self.kind_of_source().map(|kind| kind.property);
        self.key_from.iter().copied().chain(kind)
    }

    /// The properties of a target that hold the key of its source, and its kind if it has one.
    pub(crate) fn held(&self) -> &'static [&'static str] {
        self.key_kind.map_or(self.key_to, |kind| kind.both)
    }

    /// Whether a source may have several targets though the relation leads to one: no constraint says
    /// otherwise, and the key is not an id that Rust compares as the database does.
    pub(crate) fn may_lead_to_several(&self) -> bool {
        let is_id = || {
            let target = self.target.definition();
            let of_key = |one: &PropertyDefinition| {
                self.key_to.contains(&one.name) && one.column_type.is_equal_in_rust()
            };
            // The id of a view is a promise that no index enforces.
            !target.is_view() && target.id_is(of_key)
        };
        match self.kind {
            RelationKind::HasOne => true,
            RelationKind::BelongsTo => self.foreign_key.is_none() && !is_id(),
            RelationKind::HasMany => false,
        }
    }

    /// The properties that hold the key of a source, and the entity that has them: the target, or the
    /// link that leads to it.
    pub(crate) fn key_properties(
        &self,
    ) -> (&'static EntityDefinition, Vec<&'static PropertyDefinition>) {
        if let Some(through) = &self.through {
            return (through.link.definition(), through.key_from(self.key_from).collect());
        }
        let target = self.target.definition();
        let properties = self.key_to.iter().filter_map(|name| target.property(name));
        (target, properties.collect())
    }

    /// Whether a declared index finds the targets, or the links to them, by the key of a source.
    pub(crate) fn is_target_indexed(&self) -> bool {
        if self.key_array.is_some() {
            return false;
        }
        let (entity, properties) = self.key_properties();
        entity.is_indexed(&properties)
    }

    /// The relation by which a source holds the key of its target.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        kind: RelationKind,
        name: &'static str,
        source: &'static str,
        target: TargetDefinition,
        key_from: &'static [&'static str],
        key_to: &'static [&'static str],
    ) -> Self {
        Self {
            kind,
            name,
            source,
            target,
            key_from,
            key_to,
            through: None,
            optional: false,
            foreign_key: None,
            indexed: false,
            unscoped: false,
            filter: None,
            key_kind: None,
            key_array: None,
            narrowed: false,
        }
    }

    /// Sets the link entity of a many-to-many relation.
    #[doc(hidden)]
    #[must_use]
    pub const fn through(mut self, through: ThroughDefinition) -> Self {
        self.key_to = through.to().key_to;
        self.through = Some(through);
        self
    }

    /// Makes the target optional.
    #[doc(hidden)]
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Sets the foreign key constraint.
    #[doc(hidden)]
    #[must_use]
    pub const fn foreign_key(mut self, foreign_key: ForeignKeyDefinition) -> Self {
        self.foreign_key = Some(foreign_key);
        self
    }

    /// Adds an index on the foreign key.
    #[doc(hidden)]
    #[must_use]
    pub const fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    /// Lets the relation see all rows of its target.
    #[doc(hidden)]
    #[must_use]
    pub const fn unscoped(mut self) -> Self {
        self.unscoped = true;
        self
    }

    /// Narrows the targets by a condition.
    #[doc(hidden)]
    #[must_use]
    pub const fn filter(mut self, filter: RelationFilter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Tells the kind of the sources, or of the targets, if there is one.
    #[doc(hidden)]
    #[must_use]
    pub const fn of_kind(mut self, kind: Option<&'static KindDefinition>) -> Self {
        self.key_kind = kind;
        self
    }

    /// Tells the side that holds several keys in an array.
    #[doc(hidden)]
    #[must_use]
    pub const fn key_array(mut self, of: KeyArray) -> Self {
        self.key_array = Some(of);
        self
    }

    /// Says whether the target hides rows: a source with a key may then be without a target.
    #[doc(hidden)]
    #[must_use]
    pub const fn narrowed(mut self, hides: bool) -> Self {
        self.narrowed = hides;
        self.optional = self.optional || (hides && !self.targets_many());
        self
    }

    /// Whether a filter narrows the targets, or the links to them: such a relation is not written through.
    #[must_use]
    pub const fn is_filtered(&self) -> bool {
        match &self.through {
            Some(through) if through.filter.is_some() => true,
            _ => self.filter.is_some(),
        }
    }

    /// Whether targets are only read through it: a filter narrows them, or an array holds its keys.
    #[must_use]
    pub const fn is_only_read(&self) -> bool {
        self.is_filtered() || self.key_array.is_some()
    }

    /// Whether a source has any number of targets rather than one.
    #[must_use]
    pub const fn targets_many(&self) -> bool {
        matches!(self.kind, RelationKind::HasMany)
    }

    /// Whether it makes a tree of its entity: each row belongs to another one of that entity. Entities are compared
    /// by their names.
    #[must_use]
    pub const fn makes_tree(&self) -> bool {
        matches!(self.kind, RelationKind::BelongsTo)
            && self.through.is_none()
            && self.filter.is_none()
            && self.key_kind.is_none()
            && same(self.source, self.target.name)
    }
}

/// The entity that a relation goes to.
#[derive(Debug)]
#[non_exhaustive]
pub struct TargetDefinition {
    /// The name of the struct.
    pub name: &'static str,
    definition: fn() -> &'static EntityDefinition,
}

impl TargetDefinition {
    /// The target of that name; its definition is asked for later, since two entities may name
    /// each other.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, definition: fn() -> &'static EntityDefinition) -> Self {
        Self { name, definition }
    }

    /// The definition of the target.
    #[must_use]
    pub fn definition(&self) -> &'static EntityDefinition {
        (self.definition)()
    }
}

/// A relation as a record: its target by name, and whether it targets many beside what is stored.
#[cfg(feature = "serde")]
impl serde::Serialize for RelationDefinition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;

        let further = usize::from(self.unscoped)
            + usize::from(self.filter.is_some())
            + usize::from(self.key_kind.is_some())
            + usize::from(self.key_array.is_some());
        let mut record = serializer.serialize_struct("RelationDefinition", 11 + further)?;
        record.serialize_field("kind", &self.kind)?;
        record.serialize_field("name", self.name)?;
        record.serialize_field("source", self.source)?;
        record.serialize_field("target", self.target.name)?;
        record.serialize_field("key_from", self.key_from)?;
        record.serialize_field("key_to", self.key_to)?;
        record.serialize_field("through", &self.through)?;
        record.serialize_field("targets_many", &self.targets_many())?;
        record.serialize_field("optional", &self.optional)?;
        record.serialize_field("foreign_key", &self.foreign_key)?;
        record.serialize_field("indexed", &self.indexed)?;
        if self.unscoped {
            record.serialize_field("unscoped", &true)?;
        }
        if let Some(filter) = self.filter {
            record.serialize_field("filter", filter.text())?;
        }
        if let Some(kind) = self.key_kind {
            record.serialize_field("key_kind", kind)?;
        }
        if let Some(of) = self.key_array {
            record.serialize_field("key_array", &of)?;
        }
        record.end()
    }
}
