//! The target of a source that is known by its id.

use crate::ast::predicate::Predicate;
use crate::ast::scope::{SelectScope, SourceById};
use crate::ast::select::Select;
use crate::definition::relation::{RelationDefinition, RelationKind};
use crate::dialect::Dialect;
use crate::driver::executor::Executor;
use crate::driver::statement::Statement;
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::loader::loaded::Loaded;
use crate::plan::tree::RowPlan;
use crate::query::Query;
use crate::query::execute::{keyed, only};
use crate::sql::cache::{Kept, SqlCache};
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

/// The question for the target of a source that is known by its id.
///
/// All of it that needs no type of an entity is here, so that rustc generates it once.
struct OfId<'q> {
    select: &'q Select,
    relation: &'static RelationDefinition,
    source: &'q SourceById,
}

/// The reason why a row that a source has holds no target.
enum Absence {
    NoKey,
    NoTarget(Parts),
    Filtered,
}

impl OfId<'_> {
    fn is_filtered(&self) -> bool {
        !matches!(self.select.predicate, Predicate::Always)
    }

    /// The statement that tells apart why there is no target.
    fn statement(&self, dialect: Dialect, cache: Option<&'static SqlCache>) -> Result<Statement> {
        let (relation, source) = (self.relation, self.source);
        let write = || relation::target_of_id(dialect, self.select, relation, source);
        let is_kept = !self.is_filtered() && self.select.sees_as_usual();
        let Some(cache) = cache.filter(|_| is_kept) else {
            return Ok(self.select.reading_statement(write()?));
        };
        let kept = Kept::TargetOfId(relation.name);
        let sql = cache.sql(dialect, kept, || write().map(|lowered| lowered.sql))?;
        Ok(self.select.reading(keyed(Operation::Select, sql, &source.id, write)?))
    }

    /// Why a row holds no target; `None` where it holds one.
    fn absence(&self, row: &Row<'_>) -> Result<Option<Absence>> {
        let properties = self.select.entity.properties;
        let key_from = properties.len()..properties.len() + self.relation.key_from.len();
        let mismatch = |why| Error::row("key", "key", "a key", why);
        let is_null = |at| row.is_null(at).map_err(mismatch);
        for name in self.relation.key_to {
            let at = properties.iter().position(|one| one.name == *name);
            if !is_null(at.unwrap_or_default())? {
                continue;
            }
            for at in key_from.clone() {
                if is_null(at)? {
                    return Ok(Some(Absence::NoKey));
                }
            }
            let key = (self.source.read_key)(row, &key_from.collect::<Vec<_>>());
            return key.map(|key| Some(Absence::NoTarget(key))).map_err(mismatch);
        }
        let is_left_out =
            self.is_filtered() && !row.cell(key_from.end).map_err(mismatch).and_then(truth)?;
        Ok(is_left_out.then_some(Absence::Filtered))
    }

    /// The error of a source that is not there.
    fn no_source(&self) -> Error {
        Error::new(Kind::NotFound).entity_is(self.source.entity).key_is(&self.source.id)
    }

    /// Makes sure that no constraint promises the target that is not there.
    fn check(&self, absence: &Absence) -> Result<()> {
        match absence {
            Absence::NoTarget(key) if self.select.promises_target() => {
                Err(self.select.error(Kind::TargetMissing).key_is(key))
            }
            Absence::NoKey | Absence::NoTarget(_) | Absence::Filtered => Ok(()),
        }
    }
}

impl<E: Entity, T: Loaded<Entity = E>> Query<E, T> {
    /// The target of the source with an id, in one statement that tells apart why there is none.
    pub(super) async fn target_of_id(&self, db: &impl Executor) -> Result<Option<T>> {
        let select = &self.select;
        let Some((relation, source)) = select.sought_by_id() else { return Ok(None) };
        let asked = OfId { select, relation, source };
        let statement = asked.statement(db.dialect(), self.source)?;
        let read = |row: &Row<'_>| match asked.absence(row)? {
            Some(absence) => Ok(Some(Err(absence))),
            None => Ok(Some(T::read(row, &RowPlan::BARE)?.ok_or(Absence::Filtered))),
        };
        match only(db, &statement, read, |kind| select.error(kind)).await? {
            None => Err(asked.no_source()),
            Some(Ok(target)) => Ok(Some(target)),
            Some(Err(absence)) => asked.check(&absence).map(|()| None),
        }
    }
}

/// A condition's answer, for which a null is a no.
fn truth(cell: Cell<'_>) -> Result<bool> {
    let truth = <Option<bool> as Property>::read_nullable(cell);
    Ok(truth.map_err(|why| Error::row("filter", "filter", "bool", why))?.unwrap_or_default())
}
