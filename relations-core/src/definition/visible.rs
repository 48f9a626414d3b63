//! Which rows of an entity a statement sees.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::definition::entity::EntityDefinition;
use crate::definition::kind::KindDefinition;

/// The rows of an entity that a statement sees at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Visible {
    pub(crate) deleted: DeletedRows,
    /// Whether the default scope of the entity holds.
    pub(crate) scoped: bool,
    /// The filter of the relation that leads to the place.
    pub(crate) filter: Option<RelationFilter>,
    /// The kind of the rows that the relation leads to.
    pub(crate) kind: Option<&'static KindDefinition>,
}

/// The rows with soft delete that a statement sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum DeletedRows {
    /// Rows that are not deleted.
    LeftOut,
    /// Rows that are deleted, and those that are not.
    Seen,
    /// Deleted rows.
    Only,
}

impl Visible {
    /// The rows that queries see unless they say otherwise.
    pub(crate) const SCOPED: Self =
        Self { deleted: DeletedRows::LeftOut, scoped: true, filter: None, kind: None };

    /// All rows.
    pub(crate) const ALL: Self =
        Self { deleted: DeletedRows::Seen, scoped: false, filter: None, kind: None };

    /// The rows that a write of an entity finds: those that are not deleted, in the default scope or not.
    pub(crate) const NOT_DELETED: Self =
        Self { deleted: DeletedRows::LeftOut, scoped: false, filter: None, kind: None };

    /// The deleted rows, in the default scope or not.
    pub(crate) const DELETED: Self =
        Self { deleted: DeletedRows::Only, scoped: false, filter: None, kind: None };

    /// Numbers that identify these rows in a fingerprint.
    pub(crate) fn words(self) -> [usize; 4] {
        let filter = self.filter.map_or(0, RelationFilter::address);
        let [kind, length] = self.kind.map_or([0; 2], |kind| kind.words_of());
        [self.deleted as usize * 2 + usize::from(self.scoped), filter, kind, length]
    }

    /// Whether rows of an entity may be left out.
    pub(crate) fn hides(self, entity: &EntityDefinition) -> bool {
        self.filter.is_some()
            || self.kind.is_some()
            || self.scoped && entity.default_scope.is_some()
            || self.deleted != DeletedRows::Seen && entity.deleted_at().is_some()
    }

    /// These rows, as far as they are deleted or not.
    pub(crate) const fn with(self, deleted: DeletedRows) -> Self {
        Self { deleted, ..self }
    }

    /// All rows that match the filter of the relation, and are of its kind.
    pub(crate) const fn unscoped(self) -> Self {
        Self { filter: self.filter, kind: self.kind, ..Self::ALL }
    }
}

impl Default for Visible {
    fn default() -> Self {
        Self::SCOPED
    }
}

/// The default scope of an entity: a function that gives its condition, always the same one.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct DefaultScope(fn() -> &'static (dyn Any + Send + Sync));

impl DefaultScope {
    /// The scope whose condition that function gives. Its type is one of a later tier.
    #[must_use]
    pub const fn new(condition: fn() -> &'static (dyn Any + Send + Sync)) -> Self {
        Self(condition)
    }

    /// The condition, if it is of that type.
    pub(crate) fn condition<P: 'static>(self) -> Option<&'static P> {
        (self.0)().downcast_ref()
    }
}

impl fmt::Debug for DefaultScope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DefaultScope")
    }
}

/// The filter of a relation: the condition on its targets, as a function and as its source text.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[has_many(Order, name = "open_orders", filter = Order::STATUS.eq("open"))]
/// struct Customer {
///     #[id]
///     id: i64,
/// }
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64, status: String }
///
/// let filter = Customer::OPEN_ORDERS.definition().filter.unwrap();
/// assert_eq!(filter.text(), "Order::STATUS.eq(\"open\")");
/// ```
#[derive(Clone, Copy)]
#[doc(alias = "scoped association")]
#[doc(alias = "scoped relation")]
pub struct RelationFilter {
    condition: DefaultScope,
    text: &'static str,
}

impl RelationFilter {
    /// The filter whose condition that function gives. Its type is one of a later tier.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        text: &'static str,
        condition: fn() -> &'static (dyn Any + Send + Sync),
    ) -> Self {
        Self { condition: DefaultScope::new(condition), text }
    }

    /// The filter as it is written in Rust.
    #[must_use]
    pub const fn text(self) -> &'static str {
        self.text
    }

    /// The condition, if it is of that type.
    pub(crate) fn condition<P: 'static>(self) -> Option<&'static P> {
        self.condition.condition()
    }

    /// The address of the condition, which no other filter has.
    fn address(self) -> usize {
        std::ptr::from_ref((self.condition.0)()).cast::<()>().addr()
    }
}

impl PartialEq for RelationFilter {
    fn eq(&self, other: &Self) -> bool {
        self.address() == other.address()
    }
}

impl Eq for RelationFilter {}

impl Hash for RelationFilter {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.address().hash(state);
    }
}

impl fmt::Debug for RelationFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text)
    }
}
