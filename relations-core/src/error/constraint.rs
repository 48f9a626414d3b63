//! Which constraint refused a row, as far as the database tells.

#![cfg_attr(not(all(feature = "postgres", feature = "sqlite")), allow(dead_code))]

use crate::definition::entity::EntityDefinition;
use crate::definition::relation::RelationDefinition;
use crate::error::told::Hidden;
use crate::error::{Error, Kind};

/// Which promise of the schema a value would break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Violation {
    Unique,
    /// A row would point to nothing.
    ForeignKey,
    /// A row that is pointed to would go, or get another key.
    Referenced,
    NotNull,
    Check,
}

/// A constraint that refused a row. Its columns are those of the table it is of, which need not be
/// the table of the statement: a trigger or a cascade may have come there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each says a thing of its own")]
pub(crate) struct Constraint {
    pub(crate) violation: Violation,
    /// Its name, where the database knows one.
    pub(crate) name: Option<String>,
    pub(crate) schema: Option<String>,
    pub(crate) table: Option<String>,
    /// The column that cannot be null.
    pub(crate) column: Option<String>,
    /// The columns of the key, where they are known.
    pub(crate) columns: Vec<String>,
    /// The table that a foreign key references, and the columns there.
    pub(crate) target: Option<(String, Vec<String>)>,
    /// The name of that table's entity, where it is the statement's.
    pub(crate) target_entity: Option<&'static str>,
    /// The values of the key as they are spelled, where the engine has found it.
    pub(crate) key: Option<Vec<String>>,
    /// The number of rows that reference the rows to delete, if the engine has counted them.
    pub(crate) referencing: Option<u64>,
    /// PostgreSQL's `Key (a, b)=(1, 2) …`, in the language of the server.
    pub(crate) detail: Option<Hidden>,
    /// Whether the statement would have changed the row that is referenced, and not removed it.
    pub(crate) changes: bool,
    /// Whether the row that has the key is deleted softly.
    pub(crate) is_deleted: bool,
    /// Whether it is known if a row points to nothing, or one is pointed to that would go.
    pub(crate) is_certain: bool,
    /// Whether the catalog was asked.
    pub(crate) is_looked_up: bool,
}

impl Constraint {
    pub(crate) fn new(violation: Violation) -> Self {
        Self {
            violation,
            name: None,
            schema: None,
            table: None,
            column: None,
            columns: Vec::new(),
            target: None,
            target_entity: None,
            key: None,
            referencing: None,
            detail: None,
            changes: false,
            is_deleted: false,
            is_certain: false,
            is_looked_up: false,
        }
    }
}

impl Error {
    /// The constraint that refused a row.
    pub(crate) fn refusing(&self) -> Option<&Constraint> {
        match &self.0.kind {
            Kind::Constraint(constraint) => Some(constraint),
            _ => None,
        }
    }

    /// Whether it is about that entity.
    pub(crate) fn is_about(&self, entity: &EntityDefinition) -> bool {
        self.0.entity.is_some_and(|own| own.is(entity))
    }

    /// Replaces the constraint by one with more details.
    #[must_use]
    pub(crate) fn refused_by(mut self, constraint: Constraint) -> Self {
        self.0.kind = Kind::Constraint(Box::new(constraint));
        self
    }

    /// Sets the entity of the rejected row; `None` for a table without a known entity.
    #[must_use]
    pub(crate) fn of_row_of(mut self, entity: Option<&'static EntityDefinition>) -> Self {
        self.0.entity = entity;
        self
    }

    /// Sets the relation of the violated key.
    #[must_use]
    pub(crate) fn of_key_of(mut self, relation: Option<&'static RelationDefinition>) -> Self {
        self.0.relation = relation;
        self
    }

    /// Removes the key from the error of a delete of several rows: each referenced row rejects it, and not
    /// only the one that was met first.
    #[must_use]
    pub(crate) fn of_several(mut self) -> Self {
        if self.refusing().is_some_and(|one| one.violation == Violation::Referenced) {
            self.0.key = None;
        }
        self
    }

    /// Sets the key, in words.
    #[must_use]
    pub(crate) fn key_reads(mut self, key: Option<String>) -> Self {
        self.0.key = key;
        self
    }
}
