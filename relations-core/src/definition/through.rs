//! Definitions of links between many and many.

use crate::definition::link_order::LinkOrder;
use crate::definition::property::PropertyDefinition;
use crate::definition::relation::{RelationDefinition, TargetDefinition};
use crate::definition::visible::{RelationFilter, Visible};

/// The link of a many-to-many relation.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[has_many(Territory, through(EmployeeTerritory))]
/// struct Employee {
///     #[id]
///     id: i16,
/// }
/// # #[derive(Entity)]
/// # struct Territory { #[id] code: String }
///
/// #[derive(Entity)]
/// struct EmployeeTerritory {
///     #[id]
///     #[belongs_to(Employee)]
///     employee_id: i16,
///     #[id]
///     #[belongs_to(Territory)]
///     territory_id: String,
/// }
///
/// let territories = Employee::DEFINITION.relation("territories").unwrap();
/// let through = territories.through.as_ref().unwrap();
/// assert_eq!(through.link.name, "EmployeeTerritory");
/// assert_eq!((through.from().name, through.to().name), ("employee", "territory"));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct ThroughDefinition {
    /// The entity that links source and target.
    pub link: TargetDefinition,
    /// The condition that narrows the links, if there is one.
    pub filter: Option<RelationFilter>,
    /// The order of the targets by their links, if one is declared.
    pub order_by: Option<LinkOrder>,
    from: &'static RelationDefinition,
    to: &'static RelationDefinition,
}

impl ThroughDefinition {
    /// The link, and its relations to the source and to the target.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        link: TargetDefinition,
        from: &'static RelationDefinition,
        to: &'static RelationDefinition,
    ) -> Self {
        Self { link, filter: None, order_by: None, from, to }
    }

    /// Narrows the links by a condition.
    #[doc(hidden)]
    #[must_use]
    pub const fn filter(mut self, filter: RelationFilter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Orders the targets by their links.
    #[doc(hidden)]
    #[must_use]
    pub const fn order_by(mut self, order: LinkOrder) -> Self {
        self.order_by = Some(order);
        self
    }

    /// The links that the relation goes through.
    pub(crate) fn visible(&self) -> Visible {
        Visible { filter: self.filter, ..Visible::SCOPED }
    }

    /// The relation by which the link belongs to the source.
    #[must_use]
    pub const fn from(&self) -> &'static RelationDefinition {
        self.from
    }

    /// The relation by which the link belongs to the target.
    #[must_use]
    pub const fn to(&self) -> &'static RelationDefinition {
        self.to
    }

    /// The properties of the link that hold the key of a source, of which these are the parts.
    pub(crate) fn key_from(
        &self,
        source: &'static [&'static str],
    ) -> impl Iterator<Item = &'static PropertyDefinition> + Clone {
        let (link, from) = (self.link.definition(), self.from);
        source.iter().filter_map(|part| {
            let at = from.key_to.iter().position(|key| key == part)?;
            link.property(from.key_from.get(at)?)
        })
    }

    /// The properties of the link that hold the key of a target, in the order of its parts.
    pub(crate) fn key_to(&self) -> impl Iterator<Item = &'static PropertyDefinition> + Clone {
        let (link, to) = (self.link.definition(), self.to);
        to.key_from.iter().filter_map(|name| link.property(name))
    }

    /// Whether a property of the link is a part of either key.
    fn is_key(&self, property: &str) -> bool {
        self.from.key_from.contains(&property) || self.to.key_from.contains(&property)
    }

    /// Whether two links cannot say the same: a key of the link has no other parts.
    pub(crate) fn is_unique(&self) -> bool {
        let mut keys = self.link.definition().keys();
        keys.any(|key| key.iter().all(|property| self.is_key(property.name)))
    }

    /// Whether both keys together are a key of the link, no more and no less. A link that such a key
    /// finds is seen by all who may link.
    pub(crate) fn is_key_of_link(&self) -> bool {
        let link = self.link.definition();
        if link.deleted_at().is_some() || link.tenant().is_some_and(|one| !self.is_key(one.name)) {
            return false;
        }
        let both = || self.from.key_from.iter().chain(self.to.key_from).copied();
        let is_both = |key: Vec<&PropertyDefinition>| {
            key.iter().all(|one| self.is_key(one.name))
                && both().all(|name| key.iter().any(|one| one.name == name))
        };
        link.keys().any(is_both)
    }
}

/// A link as a record, by names.
#[cfg(feature = "serde")]
impl serde::Serialize for ThroughDefinition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;

        let further = usize::from(self.filter.is_some()) + usize::from(self.order_by.is_some());
        let mut record = serializer.serialize_struct("ThroughDefinition", 3 + further)?;
        record.serialize_field("link", self.link.name)?;
        record.serialize_field("from", self.from.name)?;
        record.serialize_field("to", self.to.name)?;
        if let Some(filter) = self.filter {
            record.serialize_field("filter", filter.text())?;
        }
        if let Some(order) = self.order_by {
            record.serialize_field("order_by", order.text())?;
        }
        record.end()
    }
}
