//! Chained relations: one path of several relations from a source to its targets.

use std::fmt;
use std::marker::PhantomData;

use crate::entity::Entity;
use crate::filter::{Filter, IntoFilter};
use crate::query::Query;
use crate::relation::{Relation, RelationHandle};
use crate::value::key::IntoKey;

/// A path from a source to its targets: a relation, or several that are chained.
pub trait RelationPath: Send + Sync + 'static {
    /// The entity that the path starts from.
    type Source: Entity;
    /// The entity that it leads to.
    type Target: Entity;

    /// A query of the targets of a source.
    #[doc(hidden)]
    fn of(source: &Self::Source) -> Query<Self::Target>;

    /// A query of the targets of the source with an id.
    #[doc(hidden)]
    fn of_id(id: <Self::Source as Entity>::Id) -> Query<Self::Target>;

    /// Whether a source has a target that matches a filter (`EXISTS`).
    #[doc(hidden)]
    fn any(filter: Filter<Self::Target>) -> Filter<Self::Source>;

    /// Writes the relations of the path, as `Customer.orders.lines`.
    #[doc(hidden)]
    fn describe(formatter: &mut fmt::Formatter<'_>) -> fmt::Result;
}

#[diagnostic::do_not_recommend]
impl<R: Relation> RelationPath for R {
    type Source = R::Source;
    type Target = R::Target;

    #[track_caller]
    fn of(source: &R::Source) -> Query<R::Target> {
        RelationHandle::<R>::RELATION.of(source)
    }

    #[track_caller]
    fn of_id(id: <R::Source as Entity>::Id) -> Query<R::Target> {
        RelationHandle::<R>::RELATION.of_id(id)
    }

    fn any(filter: Filter<R::Target>) -> Filter<R::Source> {
        RelationHandle::<R>::RELATION.any(filter)
    }

    fn describe(formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", R::DEFINITION.source, R::DEFINITION.name)
    }
}

impl<W: RelationPath, R: Relation<Source = W::Target>> RelationPath for RelationChain<W, R> {
    type Source = W::Source;
    type Target = R::Target;

    #[track_caller]
    fn of(source: &W::Source) -> Query<R::Target> {
        Query::via::<R>(W::of(source))
    }

    #[track_caller]
    fn of_id(id: <W::Source as Entity>::Id) -> Query<R::Target> {
        Query::via::<R>(W::of_id(id))
    }

    fn any(filter: Filter<R::Target>) -> Filter<W::Source> {
        W::any(RelationHandle::<R>::RELATION.any(filter))
    }

    fn describe(formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        W::describe(formatter)?;
        write!(formatter, ".{}", R::DEFINITION.name)
    }
}

/// Chained relations: the path `W`, then the relation `R` from its targets. Each target is returned
/// once, however many rows on the path lead to it.
///
/// [`RelationHandle::then`] creates it. Its targets can be read, updated and deleted; insert new ones
/// through the last relation, `Order::LINES.insert(…)`, since they need a source.
#[doc(alias = "nested relation")]
#[doc(alias = "HasManyThrough")]
#[doc(alias = "has many through")]
pub struct RelationChain<W, R>(PhantomData<fn() -> (W, R)>);

impl<W, R> Clone for RelationChain<W, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W, R> Copy for RelationChain<W, R> {}

impl<W: RelationPath, R: Relation<Source = W::Target>> fmt::Debug for RelationChain<W, R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Self::describe(formatter)
    }
}

/// # Follow
///
/// Targets of chained relations.
impl<R: Relation> RelationHandle<R> {
    /// Chains another relation: the targets of this one are its sources.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # #[has_many(Line)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # #[derive(Entity)]
    /// # struct Line {
    /// #     #[id] id: i64,
    /// #     #[belongs_to(Order)] order_id: i64,
    /// #     #[belongs_to(Product)] product_id: i64,
    /// #     price: i64,
    /// # }
    /// # #[derive(Entity)]
    /// # struct Product { #[id] id: i64 }
    /// # async fn run(db: &relations::Database, ada: Customer) -> relations::Result<()> {
    /// let lines = Customer::ORDERS.then(Order::LINES);
    /// let dear: Vec<Line> = lines.of(&ada).filter(Line::PRICE.gt(100)).all(db).await?;
    /// let buyers = Customer::find().filter(lines.any(Line::PRICE.gt(100))).all(db).await?;
    ///
    /// // Each product once, however often the customer ordered it.
    /// let products: Vec<Product> = lines.then(Line::PRODUCT).of(&ada).all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// To load the rows between as well, nest the includes: `Customer::ORDERS.include(Order::LINES)`.
    #[doc(alias = "has many through")]
    #[doc(alias = "has_many through")]
    #[doc(alias = "HasManyThrough")]
    #[doc(alias = "nested relation")]
    #[must_use]
    pub const fn then<S: Relation<Source = R::Target>>(
        self,
        next: RelationHandle<S>,
    ) -> RelationChain<R, S> {
        let _ = next;
        RelationChain(PhantomData)
    }
}

impl<W: RelationPath, R: Relation<Source = W::Target>> RelationChain<W, R> {
    /// Chains another relation: the targets of this path are its sources.
    #[must_use]
    pub const fn then<S: Relation<Source = R::Target>>(
        self,
        next: RelationHandle<S>,
    ) -> RelationChain<Self, S> {
        let _ = next;
        RelationChain(PhantomData)
    }

    /// A query of the targets of a source: each once, sorted by id unless ordered otherwise.
    ///
    /// If the key of the source is null, there are no targets, and the query sends no statement.
    #[track_caller]
    pub fn of(self, source: &W::Source) -> Query<R::Target> {
        <Self as RelationPath>::of(source)
    }

    /// A query of the targets of the source with an id, in one statement.
    #[track_caller]
    pub fn of_id(self, id: impl IntoKey<<W::Source as Entity>::Id>) -> Query<R::Target> {
        <Self as RelationPath>::of_id(id.into_key())
    }

    /// Whether a source has a target that matches a filter (`EXISTS`).
    pub fn any(self, filter: impl IntoFilter<R::Target>) -> Filter<W::Source> {
        <Self as RelationPath>::any(filter.into_filter())
    }

    /// Whether a source has no target that matches a filter; true for a source without targets.
    pub fn none(self, filter: impl IntoFilter<R::Target>) -> Filter<W::Source> {
        !self.any(filter)
    }

    /// Whether every target of a source matches a filter; true for a source without targets. A target for
    /// which the filter is null does not match.
    pub fn all(self, filter: impl IntoFilter<R::Target>) -> Filter<W::Source> {
        !self.any(Filter::new(filter.into_filter().predicate.untrue()))
    }

    /// Whether a source has a target at all.
    pub fn is_present(self) -> Filter<W::Source> {
        self.any(Filter::always())
    }
}
