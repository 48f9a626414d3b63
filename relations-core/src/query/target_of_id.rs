//! The target of a source that is known by its id.

use crate::ast::predicate::Predicate;
use crate::ast::scope::{SelectScope, SourceById};
use crate::ast::select::Select;
use crate::definition::relation::{RelationDefinition, RelationKind};
use crate::driver::executor::Executor;
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::loader::loaded::Loaded;
use crate::plan::tree::RowPlan;
use crate::query::Query;
use crate::query::execute::{keyed, only};
use crate::sql::cache::Kept;
use crate::sql::operation::Operation;
use crate::sql::relation;
use crate::value::key::Parts;
use crate::value::property::Property;
use crate::value::row::{Cell, Row};

impl Select {
    /// The relation to one by which a source's target is asked for by the source's id, where the
    /// answer can tell why there is no target.
    pub(super) fn sought_by_id(&self) -> Option<(&'static RelationDefinition, &SourceById)> {
        let SelectScope::TargetsOfId(source) = &self.scope else {
            return None;
        };
        let relation = self.relation.filter(|relation| relation.kind == RelationKind::BelongsTo)?;
        let whole = self.limit.is_none() && self.offset.is_none();
        whole.then_some((relation, source))
    }
}

impl<E: Entity, T: Loaded<Entity = E>> Query<E, T> {
    /// The target of the source with an id, in one statement that tells apart why there is none.
    pub(super) async fn target_of_id(&self, db: &impl Executor) -> Result<Option<T>> {
        let Some((relation, source)) = self.select.sought_by_id() else { return Ok(None) };
        let write = || relation::target_of_id(db.dialect(), &self.select, relation, source);
        let filtered = !matches!(self.select.predicate, Predicate::Always);
        let is_kept = !filtered && self.select.sees_as_usual();
        let statement = if let (true, Some(cache)) = (is_kept, self.source) {
            let kept = Kept::TargetOfId(relation.name);
            let sql = cache.sql(db.dialect(), kept, || write().map(|lowered| lowered.sql))?;
            self.select.reading(keyed(Operation::Select, sql, &source.id, write)?)
        } else {
            self.select.reading_statement(write()?)
        };
        let from = E::DEFINITION.properties.len();
        let (key_from, matches) =
            (from..from + relation.key_from.len(), from + relation.key_from.len());
        let read = |row: &Row<'_>| {
            let mismatch = |why| Error::row("key", "key", "a key", why);
            let is_null = |at| row.cell(at).map(|cell| cell.is_null()).map_err(mismatch);
            for name in relation.key_to {
                let at = E::DEFINITION.properties.iter().position(|one| one.name == *name);
                if !is_null(at.unwrap_or_default())? {
                    continue;
                }
                for at in key_from.clone() {
                    if is_null(at)? {
                        return Ok(Found::NoKey);
                    }
                }
                let key = (source.read_key)(row, &key_from.clone().collect::<Vec<_>>());
                return key.map(Found::NoTarget).map_err(mismatch);
            }
            if filtered && !row.cell(matches).map_err(mismatch).and_then(truth)? {
                return Ok(Found::Filtered);
            }
            Ok(T::read(row, &RowPlan::BARE)?.map_or(Found::Filtered, Found::Target))
        };
        let error = |kind| self.select.error(kind);
        match only(db, &statement, |row| read(row).map(Some), error).await? {
            None => Err(Error::new(Kind::NotFound).entity_is(source.entity).key_is(&source.id)),
            Some(Found::NoTarget(key)) if self.select.promises_target() => {
                Err(self.select.error(Kind::TargetMissing).key_is(&key))
            }
            Some(Found::NoKey | Found::NoTarget(_) | Found::Filtered) => Ok(None),
            Some(Found::Target(target)) => Ok(Some(target)),
        }
    }
}

/// The result of following a relation by the id of a source.
enum Found<E> {
    NoKey,
    NoTarget(Parts),
    Filtered,
    Target(E),
}

/// A condition's answer, for which a null is a no.
fn truth(cell: Cell<'_>) -> Result<bool> {
    let truth = <Option<bool> as Property>::read_nullable(cell);
    Ok(truth.map_err(|why| Error::row("filter", "filter", "bool", why))?.unwrap_or_default())
}
