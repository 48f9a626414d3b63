//! Relations one after the other, as one way from a source to targets.

use std::fmt;
use std::marker::PhantomData;

use crate::entity::Entity;
use crate::filter::{Filter, IntoFilter};
use crate::query::Query;
use crate::relation::{Relation, RelationHandle};
use crate::value::key::IntoKey;

/// A way from a source to targets: a relation, or several one after the other.
pub trait Way: Send + Sync + 'static {
    /// The entity that the way starts from.
    type Source: Entity;
    /// The entity that it leads to.
    type Target: Entity;

    /// A query of the targets of a source.
    #[doc(hidden)]
    fn of(source: &Self::Source) -> Query<Self::Target>;

    /// A query of the targets of the source with an id.
    #[doc(hidden)]
    fn of_id(id: <Self::Source as Entity>::Id) -> Query<Self::Target>;

    /// Whether a source has a target that a filter matches.
    #[doc(hidden)]
    fn any(filter: Filter<Self::Target>) -> Filter<Self::Source>;

    /// The relations on the way.
    #[doc(hidden)]
    fn describe(formatter: &mut fmt::Formatter<'_>) -> fmt::Result;
}

#[diagnostic::do_not_recommend]
impl<R: Relation> Way for R {
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

impl<W: Way, R: Relation<Source = W::Target>> Way for RelationChain<W, R> {
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

/// Relations one after the other: first by `W`, and from its targets on by `R`. Each target comes once,
/// however many ways lead to it.
///
/// [`RelationHandle::then`] makes it. It is for reading: to insert a row, name its own source.
pub struct RelationChain<W, R>(PhantomData<fn() -> (W, R)>);

impl<W, R> Clone for RelationChain<W, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W, R> Copy for RelationChain<W, R> {}

impl<W: Way, R: Relation<Source = W::Target>> fmt::Debug for RelationChain<W, R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Self::describe(formatter)
    }
}

/// # Follow
///
/// Targets by several relations.
impl<R: Relation> RelationHandle<R> {
    /// This relation, and from its targets on another one.
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
    /// To load what is between as well, nest the includes: `Customer::ORDERS.include(Order::LINES)`.
    #[doc(alias = "has many through")]
    #[doc(alias = "has_many through")]
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

impl<W: Way, R: Relation<Source = W::Target>> RelationChain<W, R> {
    /// These relations, and from their targets on another one.
    #[must_use]
    pub const fn then<S: Relation<Source = R::Target>>(
        self,
        next: RelationHandle<S>,
    ) -> RelationChain<Self, S> {
        let _ = next;
        RelationChain(PhantomData)
    }

    /// A query of the targets of a source: each once, and by their ids unless ordered otherwise.
    ///
    /// If the key of the source is null, there are no targets, and the query sends no statement.
    #[track_caller]
    pub fn of(self, source: &W::Source) -> Query<R::Target> {
        <Self as Way>::of(source)
    }

    /// A query of the targets of the source with an id, in one statement.
    #[track_caller]
    pub fn of_id(self, id: impl IntoKey<<W::Source as Entity>::Id>) -> Query<R::Target> {
        <Self as Way>::of_id(id.into_key())
    }

    /// Whether a source has a target that a filter matches.
    pub fn any(self, filter: impl IntoFilter<R::Target>) -> Filter<W::Source> {
        <Self as Way>::any(filter.into_filter())
    }

    /// Whether a source has no target that a filter matches; one without targets has none.
    pub fn none(self, filter: impl IntoFilter<R::Target>) -> Filter<W::Source> {
        !self.any(filter)
    }

    /// Whether a filter matches every target of a source; one without targets has none that it would not
    /// match. A target for which the filter's answer is a null is not matched.
    pub fn all(self, filter: impl IntoFilter<R::Target>) -> Filter<W::Source> {
        !self.any(Filter::new(filter.into_filter().predicate.untrue()))
    }

    /// Whether a source has a target at all.
    pub fn is_present(self) -> Filter<W::Source> {
        self.any(Filter::always())
    }
}
