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
}

#[derive(Clone)]
enum ReturnedReads {
    /// Each row by itself.
    Row(fn(&Row<'_>) -> Result<()>),
    /// Each row into an entity that is there.
    Into(Arc<ReadInto>),
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

    /// Rows that are read into an entity that is there.
    pub(crate) fn read_into(read: Arc<ReadInto>) -> Self {
        Self { reads: ReturnedReads::Into(read), given: None, as_given: false }
    }

    /// Rows that a function reads.
    pub(crate) fn read_by(read: fn(&Row<'_>) -> Result<()>) -> Self {
        Self { reads: ReturnedReads::Row(read), given: None, as_given: false }
    }

    /// The properties that the first columns are of.
    pub(crate) fn properties(
        &self,
        entity: &'static EntityDefinition,
    ) -> Vec<&'static PropertyDefinition> {
        match self.reads {
            ReturnedReads::Row(_) => entity.properties.to_vec(),
            ReturnedReads::Into(_) => entity.made().collect(),
        }
    }

    /// Whether a row fits.
    pub(crate) fn row(&self, row: &Row<'_>) -> Result<()> {
        match &self.reads {
            ReturnedReads::Row(read) => read(row),
            ReturnedReads::Into(read) => read(row),
        }
    }

    /// Whether all rows are there that were given.
    pub(crate) fn number(
        &self,
        rows: usize,
        entity: Option<&'static EntityDefinition>,
    ) -> Result<()> {
        let Some(given) = self.given.filter(|given| *given != rows) else { return Ok(()) };
        let error = Error::new(Kind::LeftOut { rows: given.saturating_sub(rows), given });
        Err(entity.map_or(error.clone(), |entity| error.entity_is(entity)))
    }
}
