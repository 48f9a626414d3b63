//! The definition of a unique key.

use crate::definition::deferrable::Deferrable;

/// A unique key of several properties, by `#[unique(…)]` on the struct.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[unique(tenant_id, email, filter = "deleted = false")]
/// struct Customer {
///     #[id]
///     id: i64,
///     tenant_id: i64,
///     email: String,
///     deleted: bool,
/// }
///
/// let key = Customer::DEFINITION.unique_keys[0];
/// assert_eq!(key.properties, ["tenant_id", "email"]);
/// assert_eq!(key.filter, Some("deleted = false"));
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct UniqueKeyDefinition {
    /// The properties by their names, in the order of the key.
    pub properties: &'static [&'static str],
    /// The name of the constraint, if one is given.
    pub name: Option<&'static str>,
    /// The condition in SQL for the rows that the key applies to; `None` if it applies to all.
    pub filter: Option<&'static str>,
    /// When the constraint is checked.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Deferrable::is_no"))]
    pub deferrable: Deferrable,
    /// Whether it holds for all rows that are not deleted, of an entity with soft delete. Its filter says so.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) not_deleted: bool,
}

impl UniqueKeyDefinition {
    /// A key of all rows.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(properties: &'static [&'static str]) -> Self {
        Self {
            properties,
            name: None,
            filter: None,
            deferrable: Deferrable::No,
            not_deleted: false,
        }
    }

    /// Sets the name of the constraint.
    #[doc(hidden)]
    #[must_use]
    pub const fn name(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// Limits the key to the rows that are not deleted, which a condition says.
    #[doc(hidden)]
    #[must_use]
    pub const fn not_deleted(mut self, filter: &'static str) -> Self {
        self.not_deleted = true;
        self.filter(filter)
    }

    /// Lets a transaction defer the check to its end.
    #[doc(hidden)]
    #[must_use]
    pub const fn deferrable(mut self) -> Self {
        self.deferrable = Deferrable::InitiallyImmediate;
        self
    }

    /// Defers the check to the end of the transaction.
    #[doc(hidden)]
    #[must_use]
    pub const fn initially_deferred(mut self) -> Self {
        self.deferrable = Deferrable::InitiallyDeferred;
        self
    }

    /// Limits the key to the rows for which a condition holds.
    #[doc(hidden)]
    #[must_use]
    pub const fn filter(mut self, filter: &'static str) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Whether no two rows share its values at any time, within a transaction as well.
    pub(crate) const fn holds_at_once(&self) -> bool {
        self.filter.is_none() && self.deferrable.is_no()
    }
}
