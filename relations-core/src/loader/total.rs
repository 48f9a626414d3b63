//! Targets, and how many there are in all.

use crate::error::Result;
use crate::loader::count_loader::CountLoader;
use crate::loader::loaded::Loaded;
use crate::loader::slot::Slot;
use crate::loader::target_loader::TargetLoader;
use crate::plan::tree::RowPlan;
use crate::relation::Relation;
use crate::value::row::Row;

/// Some targets of a relation, and how many there are in all; see
/// [`RelationHandle::with_total`](crate::RelationHandle::with_total).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct WithTotal<T> {
    /// The targets, as many as the limit allows.
    pub rows: Vec<T>,
    /// The number of all targets that the filter matches, whatever the limit and the offset.
    pub total: i64,
}

#[diagnostic::do_not_recommend]
impl<R: Relation, T: Loaded<Entity = R::Target>> Slot<R> for WithTotal<T> {
    type Branch = (TargetLoader<R, T, Vec<T>>, CountLoader<R>);

    fn branch(plan: &RowPlan, at: usize) -> Self::Branch {
        let planned = plan.slot(at);
        let total = planned.and_then(|planned| planned.total.as_ref());
        (TargetLoader::new(planned), CountLoader::new(total))
    }

    fn duplicate(&self) -> Self {
        Self { rows: self.rows.iter().map(T::duplicate).collect(), total: self.total }
    }

    /// Many targets never come in the row of their source.
    fn read(_: &Row<'_>, _: &RowPlan, _: usize, _: Option<&R::Source>) -> Result<Option<Self>> {
        Ok(Some(Self { rows: Vec::new(), total: 0 }))
    }

    fn take((rows, total): &mut Self::Branch, _: Option<&R::Source>) -> Result<Option<Self>> {
        Ok(Some(Self { rows: rows.take()?, total: total.take() }))
    }
}
