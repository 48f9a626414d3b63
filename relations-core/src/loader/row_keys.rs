//! Keys, ids and numbers in rows.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::ast::inclusion::Inclusion;
use crate::column::type_name;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::loader::kinds::unknown_kind;
use crate::plan::layout::Layout;
use crate::plan::source::PlannedSource;
use crate::plan::strategy::Bound;
use crate::plan::tree::{Planned, Reach};
use crate::relation::Relation;
use crate::sql::batch_key::number_in;
use crate::sql::include::KeyPositions;
use crate::value::Value;
use crate::value::key::Key;
use crate::value::row::{Mismatch, Row};

impl Planned {
    /// Whether the row of a source holds no target.
    pub(crate) fn is_absent(&self, row: &Row<'_>) -> Result<bool> {
        for at in &self.key {
            if row.is_null(*at).map_err(|why| self.mismatch("a key", 0, why))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the key in the row of a source leads along the relation.
    ///
    /// # Errors
    ///
    /// The kind is not a known one.
    fn is_of_kind(&self, row: &Row<'_>) -> Result<bool> {
        let Some((at, kind)) = self.kind_from else { return Ok(true) };
        let found = row
            .cell(at)
            .and_then(|cell| if cell.is_null() { Ok(None) } else { cell.text().map(Some) });
        match found.map_err(|why| unknown_kind(self.source, kind, why))? {
            Some(word) if kind.words.contains(&word) => Ok(word == kind.word),
            Some(word) => Err(unknown_kind(self.source, kind, Mismatch::Variant(word.to_owned()))),
            None => Ok(false),
        }
    }

    /// The key of a source; `None` where a part of it is null. The row has it where the entity was not read.
    pub(super) fn key_of<R: Relation>(
        &self,
        source: Option<&R::Source>,
        row: Option<&Row<'_>>,
    ) -> Result<Option<R::Key>> {
        let row = match (source, row) {
            (Some(source), _) => return Ok(R::key(source)),
            (None, None) => return Ok(None),
            (None, Some(row)) => row,
        };
        if !self.is_of_kind(row)? {
            return Ok(None);
        }
        let mut part = 0;
        let mismatch = |part: usize, why| {
            let name = self.relation.key_from.get(part).copied().unwrap_or("key");
            Error::row(name, name, &type_name::<R::Key>(), why).entity_is(R::Source::DEFINITION)
        };
        for at in &self.key_from {
            if row.is_null(*at).map_err(|why| mismatch(part, why))? {
                return Ok(None);
            }
            part += 1;
        }
        part = 0;
        let key = R::Key::read_key(|| {
            let at = self.key_from.get(part).copied();
            part += 1;
            row.cell(at.unwrap_or(usize::MAX))
        });
        key.map(Some).map_err(|why| mismatch(part.saturating_sub(1), why))
    }

    /// The positions of the key in the row of a source.
    pub(super) fn key_positions(&self) -> KeyPositions<'_> {
        KeyPositions { parts: &self.key_from, kind: self.kind_from }
    }

    /// The number of targets in a row.
    pub(crate) fn count(&self, row: &Row<'_>, at: usize) -> Result<i64> {
        let count = row.read(at, <i64 as Value>::read);
        count.map_err(|why| {
            let entity = self.relation.target.definition();
            Error::row("count", self.relation.name, "i64", why).entity_is(entity)
        })
    }

    /// The number of the key in a row, counted from zero.
    pub(super) fn number(&self, row: &Row<'_>) -> Result<usize> {
        let at = self.key.first().copied().unwrap_or(usize::MAX);
        number_in(row, at).map_err(|why| self.mismatch("the number of a key", 0, why))
    }

    /// The key of the target in a row.
    pub(super) fn key<K: Key>(&self, row: &Row<'_>) -> Result<K> {
        let mut part = 0;
        let key = K::read_key(|| {
            let at = self.key.get(part).copied();
            part += 1;
            row.cell(at.unwrap_or(usize::MAX))
        });
        key.map_err(|why| self.mismatch(&type_name::<K>(), part - 1, why))
    }

    #[cold]
    fn mismatch(&self, expected: &str, part: usize, why: Mismatch) -> Error {
        let entity = match &self.relation.through {
            Some(through) => through.link.definition(),
            None => self.relation.target.definition(),
        };
        let properties = self.key_properties();
        let names = properties.get(part).map_or(("key", "key"), |one| (one.name, one.column));
        Error::row(names.0, names.1, expected, why).entity_is(entity)
    }

    /// A relation that is followed from sources in hand.
    pub(crate) fn of_sources_in_hand<R: Relation>(inclusion: Inclusion) -> Arc<Self> {
        let reach = Reach { high_latency: false, snapshot: false, spellings: false };
        let bound = Bound {
            rows: None,
            in_hand: true,
            reach,
            kept: false,
            repeatable: false,
            are_targets: false,
        };
        let (entity, key_from) = (R::Source::DEFINITION, SmallVec::new());
        let source = PlannedSource { entity, key_from, kind_from: None };
        Arc::new(Self::new(inclusion, source, bound, &mut Layout::default()))
    }
}

/// The id of the entity that a row holds from a position on.
pub(crate) fn id_in<E: Entity>(row: &Row<'_>, from: usize) -> Result<E::Id> {
    let mut properties = E::DEFINITION.properties.iter();
    let mut at = || properties.position(|property| property.id);
    let mut next = from;
    let id = <E::Id as Key>::read_key(|| {
        let position = at().map_or(usize::MAX, |skipped| next + skipped);
        next = position.saturating_add(1);
        row.cell(position)
    });
    id.map_err(|why| Error::row("id", "id", "an id", why).entity_is(E::DEFINITION))
}
