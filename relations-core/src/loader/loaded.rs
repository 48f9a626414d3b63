//! Loaded entities, with and without relations.

use crate::entity::Entity;
use crate::error::Result;
use crate::loader::branch::Branch;
use crate::plan::tree::RowPlan;
use crate::value::row::Row;

/// A loaded row of a query: an entity, or an entity with its included relations, such as
/// `OrderWith<Customer>`.
pub trait Loaded: Sized + Send + 'static {
    /// The entity.
    type Entity: Entity;

    /// The entity with a place for each relation.
    #[doc(hidden)]
    type With;

    /// The part of a row that is read before its relations: the entity, or the fields of a partial.
    #[doc(hidden)]
    type Own: OwnPart<Entity = Self::Entity>;

    /// The entity itself; `None` where only some of it was read.
    #[doc(hidden)]
    fn entity(&self) -> Option<&Self::Entity>;

    /// The entity with a place for each relation.
    #[doc(hidden)]
    fn with(self) -> Self::With;

    /// The value of a row; `None` if a required target is missing.
    #[doc(hidden)]
    fn read(row: &Row<'_>, plan: &RowPlan) -> Result<Option<Self>>;

    /// A copy for another source that shares it.
    #[doc(hidden)]
    #[must_use]
    fn duplicate(&self) -> Self;

    /// The branches that load relations by further statements. Their type is not named, because it
    /// contains targets that may be less visible.
    #[doc(hidden)]
    fn branches(plan: &RowPlan) -> Box<dyn Branches<Self>>;
}

/// The branches of all relations.
#[doc(hidden)]
pub trait Branches<T: Loaded>: Send {
    /// Shows each branch to a function.
    fn each<'b>(&'b mut self, each: Each<'_, 'b, T::Entity>);

    /// A row with what the branches hold for it, each of which is asked once a source, in order.
    fn attach(&mut self, own: T::Own) -> Result<Option<T>>;
}

/// The part of a row that is read before its relations.
#[doc(hidden)]
pub trait OwnPart: Sized + Send {
    type Entity: Entity;

    fn read(row: &Row<'_>, plan: &RowPlan) -> Result<Self>;

    /// The entity, which has the keys of its relations; `None` where the row alone has them.
    fn source(&self) -> Option<&Self::Entity>;
}

#[diagnostic::do_not_recommend]
impl<E: Entity> OwnPart for E {
    type Entity = E;

    fn read(row: &Row<'_>, plan: &RowPlan) -> Result<Self> {
        <E as Entity>::read(row, plan.from)
    }

    fn source(&self) -> Option<&E> {
        Some(self)
    }
}

/// A function that is called with each branch.
#[doc(hidden)]
pub(crate) type Each<'each, 'b, E> = &'each mut dyn FnMut(&'b mut dyn Branch<E>);

/// Branches as the derive writes them down.
struct DerivedBranches<T: Loaded, B> {
    branches: B,
    each: for<'each, 'b> fn(&'b mut B, Each<'each, 'b, T::Entity>),
    attach: fn(T::Own, &mut B) -> Result<Option<T>>,
}

impl<T: Loaded, B: Send> Branches<T> for DerivedBranches<T, B> {
    fn each<'b>(&'b mut self, each: Each<'_, 'b, T::Entity>) {
        (self.each)(&mut self.branches, each);
    }

    fn attach(&mut self, own: T::Own) -> Result<Option<T>> {
        (self.attach)(own, &mut self.branches)
    }
}

/// The branches of all relations, from one a relation.
#[doc(hidden)]
pub fn branches<T: Loaded, B: Send + 'static>(
    branches: B,
    each: for<'each, 'b> fn(&'b mut B, Each<'each, 'b, T::Entity>),
    attach: fn(T::Own, &mut B) -> Result<Option<T>>,
) -> Box<dyn Branches<T>> {
    Box::new(DerivedBranches { branches, each, attach })
}

#[diagnostic::do_not_recommend]
impl<E: Entity> Loaded for E {
    type Entity = E;
    type With = E::With;
    type Own = E;

    fn entity(&self) -> Option<&E> {
        Some(self)
    }

    fn with(self) -> E::With {
        self.into()
    }

    fn read(row: &Row<'_>, plan: &RowPlan) -> Result<Option<Self>> {
        <E as Entity>::read(row, plan.from).map(Some)
    }

    fn duplicate(&self) -> Self {
        <E as Entity>::duplicate(self)
    }

    fn branches(_: &RowPlan) -> Box<dyn Branches<Self>> {
        branches((), |(), _| {}, |entity, ()| Ok(Some(entity)))
    }
}
