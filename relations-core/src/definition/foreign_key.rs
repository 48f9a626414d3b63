//! Definitions of foreign keys, and of what they do when a target goes.

use crate::definition::deferrable::Deferrable;

/// A foreign key constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ForeignKeyDefinition {
    /// The name of the constraint, where `constraint = "…"` gives one.
    pub name: Option<&'static str>,
    /// The action on the source when its target is deleted.
    pub on_delete: Action,
    /// The action on the source when its target's key changes.
    pub on_update: Action,
    /// The properties that [`Action::SetNull`] sets if its target is deleted, by their names; the
    /// whole key if there are none.
    pub set_null: &'static [&'static str],
    /// When the constraint is checked.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Deferrable::is_no"))]
    pub deferrable: Deferrable,
}

impl ForeignKeyDefinition {
    /// A constraint of the usual name that takes no action.
    #[doc(hidden)]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            name: None,
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            set_null: &[],
            deferrable: Deferrable::No,
        }
    }

    /// Sets the name of the constraint.
    #[doc(hidden)]
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// Sets the action on delete.
    #[doc(hidden)]
    #[must_use]
    pub const fn on_delete(mut self, action: Action) -> Self {
        self.on_delete = action;
        self
    }

    /// Limits `SET NULL` to some properties.
    #[doc(hidden)]
    #[must_use]
    pub const fn set_null(mut self, properties: &'static [&'static str]) -> Self {
        self.set_null = properties;
        self
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

    /// Sets the action on update.
    #[doc(hidden)]
    #[must_use]
    pub const fn on_update(mut self, action: Action) -> Self {
        self.on_update = action;
        self
    }
}

impl Default for ForeignKeyDefinition {
    fn default() -> Self {
        Self::new()
    }
}

/// The action of a foreign key when the referenced row is deleted or its key changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Action {
    /// Refuses at the end of the statement; the default.
    NoAction,
    /// Refuses at once.
    Restrict,
    /// Deletes or changes the source too.
    Cascade,
    /// Sets the foreign key to null.
    SetNull,
    /// Sets the foreign key to its default.
    SetDefault,
}
