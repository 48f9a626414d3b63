//! The types that may stand in the slot of a relation.

use std::sync::Arc;

use crate::error::{Kind, Result};
use crate::include::NotIncluded;
use crate::loader::branch::Branch;
use crate::loader::count_loader::CountLoader;
use crate::loader::loaded::Loaded;
use crate::loader::promise;
use crate::loader::target_loader::TargetLoader;
use crate::plan::tree::{Planned, RowPlan};
use crate::relation::{Place, Relation};
use crate::value::row::Row;

/// A type that may stand in the slot of a relation: [`NotIncluded`], a target, an `Option` of one, a
/// `Vec` of them, or their number as an `i64`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in the place of this relation",
    label = "expected what the relation leads to, or `NotIncluded`"
)]
pub trait Slot<R: Place>: Sized + Send + 'static {
    /// The branch that loads it by further statements.
    #[doc(hidden)]
    type Branch: Branch<R::Source>;

    #[doc(hidden)]
    fn branch(plan: &RowPlan, at: usize) -> Self::Branch;

    /// A copy for another source that shares it.
    #[doc(hidden)]
    #[must_use]
    fn duplicate(&self) -> Self;

    /// The value in the row of a source; `None` if the source is left out. The row has the key of a source
    /// that was not read as an entity.
    #[doc(hidden)]
    fn read(
        row: &Row<'_>,
        plan: &RowPlan,
        at: usize,
        source: Option<&R::Source>,
    ) -> Result<Option<Self>>;

    /// The value that the branch loaded for the next source; `None` if the source is left out.
    #[doc(hidden)]
    fn take(branch: &mut Self::Branch, source: Option<&R::Source>) -> Result<Option<Self>>;
}

#[diagnostic::do_not_recommend]
impl<R: Place> Slot<R> for NotIncluded {
    type Branch = ();

    fn branch(_: &RowPlan, _: usize) {}

    fn duplicate(&self) -> Self {
        Self
    }

    fn read(_: &Row<'_>, _: &RowPlan, _: usize, _: Option<&R::Source>) -> Result<Option<Self>> {
        Ok(Some(Self))
    }

    fn take((): &mut (), _: Option<&R::Source>) -> Result<Option<Self>> {
        Ok(Some(Self))
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation, T: Loaded<Entity = R::Target>> Slot<R> for T {
    type Branch = TargetLoader<R, T, Option<T>>;

    fn branch(plan: &RowPlan, at: usize) -> Self::Branch {
        TargetLoader::new(plan.slot(at))
    }

    fn duplicate(&self) -> Self {
        <T as Loaded>::duplicate(self)
    }

    fn read(
        row: &Row<'_>,
        plan: &RowPlan,
        at: usize,
        source: Option<&R::Source>,
    ) -> Result<Option<Self>> {
        let Some(planned) = plan.slot(at) else { return Ok(None) };
        let key = || planned.key_of::<R>(source, Some(row)).ok().flatten();
        present::<R, T>(target(row, planned)?, Some(planned), key)
    }

    fn take(branch: &mut Self::Branch, source: Option<&R::Source>) -> Result<Option<Self>> {
        let target = branch.take()?;
        present::<R, T>(target, branch.planned(), || branch.key(source))
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation, T: Loaded<Entity = R::Target>> Slot<R> for Option<T> {
    type Branch = TargetLoader<R, T, Option<T>>;

    fn branch(plan: &RowPlan, at: usize) -> Self::Branch {
        TargetLoader::new(plan.slot(at))
    }

    fn duplicate(&self) -> Self {
        self.as_ref().map(T::duplicate)
    }

    fn read(
        row: &Row<'_>,
        plan: &RowPlan,
        at: usize,
        source: Option<&R::Source>,
    ) -> Result<Option<Self>> {
        let Some(planned) = plan.slot(at) else { return Ok(Some(None)) };
        let key = || planned.key_of::<R>(source, Some(row)).ok().flatten();
        optional::<R, T>(target(row, planned)?, Some(planned), key).map(Some)
    }

    fn take(branch: &mut Self::Branch, source: Option<&R::Source>) -> Result<Option<Self>> {
        let target = branch.take()?;
        optional::<R, T>(target, branch.planned(), || branch.key(source)).map(Some)
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation, T: Loaded<Entity = R::Target>> Slot<R> for Vec<T> {
    type Branch = TargetLoader<R, T, Vec<T>>;

    fn branch(plan: &RowPlan, at: usize) -> Self::Branch {
        TargetLoader::new(plan.slot(at))
    }

    fn duplicate(&self) -> Self {
        self.iter().map(T::duplicate).collect()
    }

    /// Many targets never come in one row of their source.
    fn read(_: &Row<'_>, _: &RowPlan, _: usize, _: Option<&R::Source>) -> Result<Option<Self>> {
        Ok(Some(Vec::new()))
    }

    fn take(branch: &mut Self::Branch, _: Option<&R::Source>) -> Result<Option<Self>> {
        branch.take().map(Some)
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation> Slot<R> for i64 {
    type Branch = CountLoader<R>;

    fn branch(plan: &RowPlan, at: usize) -> Self::Branch {
        CountLoader::new(plan.slot(at))
    }

    fn duplicate(&self) -> Self {
        *self
    }

    fn read(
        row: &Row<'_>,
        plan: &RowPlan,
        at: usize,
        _: Option<&R::Source>,
    ) -> Result<Option<Self>> {
        plan.slot(at).map(|planned| planned.count(row, planned.target.from)).transpose()
    }

    fn take(branch: &mut Self::Branch, _: Option<&R::Source>) -> Result<Option<Self>> {
        Ok(Some(branch.take()))
    }
}

/// The target that is joined to the row of a source.
pub(crate) fn target<T: Loaded>(row: &Row<'_>, planned: &Planned) -> Result<Option<T>> {
    if planned.is_absent(row)? { Ok(None) } else { T::read(row, &planned.target) }
}

/// A target that its source cannot be without; `None` where the source is to be left out.
fn present<R: Relation, T>(
    target: Option<T>,
    planned: Option<&Arc<Planned>>,
    key: impl FnOnce() -> Option<R::Key>,
) -> Result<Option<T>> {
    match target {
        None if !planned.is_some_and(|planned| planned.required) => {
            Err(promise::of_key::<R>(Kind::TargetMissing, key()))
        }
        target => Ok(target),
    }
}

/// A target that may be absent, unless it is promised.
fn optional<R: Relation, T>(
    target: Option<T>,
    planned: Option<&Arc<Planned>>,
    key: impl FnOnce() -> Option<R::Key>,
) -> Result<Option<T>> {
    promise::kept::<R, T>(target, planned.is_some_and(|planned| planned.promised), key)
}
