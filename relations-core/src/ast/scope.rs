//! The rows that a query starts from.

use crate::ast::select::Select;
use crate::definition::entity::EntityDefinition;
use crate::definition::relation::RelationDefinition;
use crate::value::key::{Parts, ReadKey};

/// The rows that a query starts from.
#[derive(Debug, Clone)]
pub(crate) enum SelectScope {
    /// All rows of the table.
    Table,
    /// The rows with this key, which is never null, and the entity that the followed relation has it
    /// from.
    Key {
        properties: &'static [&'static str],
        key: Parts,
        read_key: ReadKey,
        source: Option<&'static EntityDefinition>,
    },
    /// The targets of the source with this key, one of which is an array.
    Array(SourceByKey),
    /// The targets that links lead to from the source with this key.
    Linked(SourceByKey),
    /// The targets of the source with this id.
    TargetsOfId(SourceById),
    /// The targets of the rows of another query.
    Via(Box<Via>),
    /// No rows: the key that would lead to them is null.
    Nothing,
}

/// The rows of a query as sources of a relation.
#[derive(Debug, Clone)]
pub(crate) struct Via {
    pub(crate) sources: Select,
    pub(crate) relation: &'static RelationDefinition,
}

/// A source that is known by a key which is never null.
#[derive(Debug, Clone)]
pub(crate) struct SourceByKey {
    pub(crate) key: Parts,
    pub(crate) read_key: ReadKey,
}

/// A source that is known by its id.
#[derive(Debug, Clone)]
pub(crate) struct SourceById {
    pub(crate) entity: &'static EntityDefinition,
    pub(crate) id: Parts,
    /// Reads the source's foreign key.
    pub(crate) read_key: ReadKey,
}
