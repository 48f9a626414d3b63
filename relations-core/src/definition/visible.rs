//! Which rows of an entity a statement sees.

use std::any::Any;
use std::fmt;

use crate::definition::entity::EntityDefinition;

/// The rows of an entity that a statement sees at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Visible {
    pub(crate) deleted: DeletedRows,
    /// Whether the default scope of the entity holds.
    pub(crate) scoped: bool,
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
    pub(crate) const SCOPED: Self = Self { deleted: DeletedRows::LeftOut, scoped: true };

    /// All rows.
    pub(crate) const ALL: Self = Self { deleted: DeletedRows::Seen, scoped: false };

    /// The rows that a write of an entity finds: those that are not deleted, in the default scope or not.
    pub(crate) const NOT_DELETED: Self = Self { deleted: DeletedRows::LeftOut, scoped: false };

    /// The deleted rows, in the default scope or not.
    pub(crate) const DELETED: Self = Self { deleted: DeletedRows::Only, scoped: false };

    /// A number of its own for each.
    pub(crate) const fn word(self) -> usize {
        self.deleted as usize * 2 + self.scoped as usize
    }

    /// Whether rows of an entity may be left out.
    pub(crate) fn hides(self, entity: &EntityDefinition) -> bool {
        self.scoped && entity.default_scope.is_some()
            || self.deleted != DeletedRows::Seen && entity.deleted_at().is_some()
    }

    /// These rows, as far as they are deleted or not.
    pub(crate) const fn with(self, deleted: DeletedRows) -> Self {
        Self { deleted, ..self }
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
