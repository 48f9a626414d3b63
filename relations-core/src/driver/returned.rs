//! The rows that a write brings back. They have to fit, or nothing is written.

use std::fmt;
use std::sync::Arc;

use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::error::{Error, Kind, Result};
use crate::value::row::Row;

/// The rows that a write brings back, as its caller will read them.
#[derive(Clone)]
pub(crate) struct Returned {
    reads: ReturnedReads,
    /// The number of rows that were given, all of which have to come back.
    given: Option<usize>,
    /// Whether each value that was given comes back, unless the table has triggers or rules.
    pub(crate) as_given: bool,
    /// Whether rows may be lacking, however well the columns fit.
    pub(crate) may_lack: bool,
}

#[derive(Clone)]
enum ReturnedReads {
    /// Each row by itself.
    Row(fn(&Row<'_>) -> Result<()>),
    /// Each row into an entity that is there.
    Into(Arc<ReadInto>),
    /// None: the rows that are changed are counted.
    Nothing,
}

/// Reads a row into an entity.
pub(crate) type ReadInto = dyn Fn(&Row<'_>) -> Result<()> + Send + Sync;

impl fmt::Debug for Returned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Returned").field("given", &self.given).finish_non_exhaustive()
    }
}

impl Returned {
    /// As many new rows as were given.
    pub(crate) fn new_rows(self, given: usize) -> Self {
        Self { given: Some(given), as_given: true, ..self }
    }

    /// No rows, of a statement that changes some.
    pub(crate) fn nothing() -> Self {
        Self::of(ReturnedReads::Nothing)
    }

    /// As many rows as were given, whose values may be others than were given.
    pub(crate) fn counted(self, given: usize) -> Self {
        Self { given: Some(given), ..self }
    }

    /// At most as many rows as were given, since the database may leave some out.
    pub(crate) fn may_lack(self, given: usize) -> Self {
        Self { given: Some(given), may_lack: true, ..self }
    }

    fn of(reads: ReturnedReads) -> Self {
        Self { reads, given: None, as_given: false, may_lack: false }
    }

    /// Rows that are read into an entity that is there.
    pub(crate) fn read_into(read: Arc<ReadInto>) -> Self {
        Self::of(ReturnedReads::Into(read))
    }

    /// Rows that a function reads.
    pub(crate) fn read_by(read: fn(&Row<'_>) -> Result<()>) -> Self {
        Self::of(ReturnedReads::Row(read))
    }

    /// The properties that the first columns are of.
    pub(crate) fn properties(
        &self,
        entity: &'static EntityDefinition,
    ) -> Vec<&'static PropertyDefinition> {
        match self.reads {
            ReturnedReads::Row(_) => entity.properties.to_vec(),
            ReturnedReads::Into(_) => entity.made().collect(),
            ReturnedReads::Nothing => Vec::new(),
        }
    }

    /// Whether a row fits.
    pub(crate) fn row(&self, row: &Row<'_>) -> Result<()> {
        match &self.reads {
            ReturnedReads::Row(read) => read(row),
            ReturnedReads::Into(read) => read(row),
            ReturnedReads::Nothing => Ok(()),
        }
    }

    /// Whether all rows are there that were given, of which so many came back, and so many were changed.
    pub(crate) fn number(
        &self,
        rows: usize,
        changed: u64,
        entity: Option<&'static EntityDefinition>,
    ) -> Result<()> {
        let rows = match self.reads {
            ReturnedReads::Nothing => usize::try_from(changed).unwrap_or(usize::MAX),
            ReturnedReads::Row(_) | ReturnedReads::Into(_) => rows,
        };
        let Some(given) = self.given.filter(|given| *given != rows) else { return Ok(()) };
        let error = Error::new(Kind::LeftOut { rows: given.saturating_sub(rows), given });
        Err(entity.map_or(error.clone(), |entity| error.entity_is(entity)))
    }
}
