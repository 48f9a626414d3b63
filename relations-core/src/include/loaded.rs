//! What becomes of a query's row.

use super::branch::Branch;
use super::plan::Plan;
use crate::entity::Entity;
use crate::error::Result;
use crate::row::Row;

/// What becomes of a query's row: an entity, or an entity with what was included, such as
/// `OrderWith<Customer>`.
pub trait Loaded: Sized + Send + 'static {
    /// The entity.
    type Entity: Entity;

    /// The entity with a place for each relation.
    #[doc(hidden)]
    type With;

    /// What takes the targets of each relation while further statements are under way.
    #[doc(hidden)]
    type Branches: Send;

    /// What a row holds; `None` where a target is missing that it should be left out without.
    #[doc(hidden)]
    fn read(row: &Row<'_>, plan: &Plan) -> Result<Option<Self>>;

    #[doc(hidden)]
    fn branches(plan: &Plan) -> Self::Branches;

    /// Shows each branch to a function.
    #[doc(hidden)]
    fn each<'b>(
        branches: &'b mut Self::Branches,
        each: &mut dyn FnMut(&'b mut dyn Branch<Self::Entity>),
    );

    /// An entity with what its branches hold for it, each of which is asked once a source, in
    /// order.
    #[doc(hidden)]
    fn attach(entity: Self::Entity, branches: &mut Self::Branches) -> Result<Option<Self>>;
}

#[diagnostic::do_not_recommend]
impl<E: Entity> Loaded for E {
    type Entity = E;
    type With = E::With;
    type Branches = ();

    fn read(row: &Row<'_>, plan: &Plan) -> Result<Option<Self>> {
        <E as Entity>::read(row, plan.from).map(Some)
    }

    fn branches(_: &Plan) {}

    fn each<'b>((): &'b mut (), _: &mut dyn FnMut(&'b mut dyn Branch<E>)) {}

    fn attach(entity: E, (): &mut ()) -> Result<Option<Self>> {
        Ok(Some(entity))
    }
}
