//! Options of an included relation: its targets, further includes and the strategy.

use std::fmt;
use std::marker::PhantomData;

use crate::ast::inclusion::{Inclusion, Strategy};
use crate::entity::Entity;
use crate::filter::IntoFilter;
use crate::include::{Filled, Free, Include, IntoInclusion};
use crate::loader::loaded::Loaded;
use crate::query::order::IntoOrdering;
use crate::relation::arity::{Arity, ManyWithTotal, Pageable, Requirable};
use crate::relation::{ManyToMany, Relation, RelationHandle};

/// An include with options, as in `Order::LINES.limit(3).include(Line::PRODUCT)`. `T` is the type
/// of a target, and `A` the number of targets.
#[must_use = "a relation is followed by the query that includes it"]
pub struct Including<R: Relation, T, A = <R as Relation>::Arity> {
    pub(crate) inclusion: Inclusion,
    relation: PhantomData<(fn() -> R, fn() -> T, fn() -> A)>,
}

impl<R: Relation, T, A> Clone for Including<R, T, A> {
    fn clone(&self) -> Self {
        Self::new(self.inclusion.clone())
    }
}

impl<R: Relation, T, A> fmt::Debug for Including<R, T, A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Including").field(&self.inclusion).finish()
    }
}

impl<R: Relation, T, A> Including<R, T, A> {
    pub(crate) fn new(inclusion: Inclusion) -> Self {
        Self { inclusion, relation: PhantomData }
    }

    fn with(mut self, change: impl FnOnce(&mut Inclusion)) -> Self {
        change(&mut self.inclusion);
        self
    }
}

impl<R: Relation, T: Loaded<Entity = R::Target>, A: Arity> Including<R, T, A> {
    /// Includes a relation of the target.
    pub fn include<I: IntoInclusion<R::Target>>(
        mut self,
        relation: I,
    ) -> Including<R, Filled<T, I::Relation, I::Targets>, A>
    where
        T::With: Include<I::Relation, Slot: Free>,
    {
        let includes = &mut self.inclusion.select().includes;
        relation.each_inclusion(|inclusion| includes.push(inclusion));
        Including::new(self.inclusion)
    }

    /// Includes a relation to one of the target, and leaves out targets without one: a relation to
    /// one may then have no target.
    pub fn include_required<I: IntoInclusion<R::Target>>(
        mut self,
        relation: I,
    ) -> Including<R, Filled<T, I::Relation, I::Required>, A::Filtered>
    where
        T::With: Include<I::Relation, Slot: Free>,
        I::Relation: Relation<Arity: Requirable>,
    {
        let includes = &mut self.inclusion.select().includes;
        relation.each_inclusion(|one| includes.push(Inclusion { required: true, ..one }));
        Including::new(self.inclusion)
    }

    /// Takes only the targets that also match a filter: a relation to one may then have no target.
    pub fn filter(mut self, filter: impl IntoFilter<R::Target>) -> Including<R, T, A::Filtered> {
        self.inclusion.select().narrow(filter.into_filter());
        Including::new(self.inclusion)
    }

    /// Sorts the targets of each source, after earlier orders; without an order by their id.
    pub fn order_by(self, order: impl IntoOrdering<R::Target>) -> Self
    where
        A: Pageable,
    {
        self.with(|inclusion| inclusion.select().order_by(order.into_ordering().by))
    }

    /// Takes only the targets whose links match a filter of the link entity; see
    /// [`RelationHandle::filter_link`].
    #[doc(alias = "pivot")]
    #[doc(alias = "join table")]
    pub fn filter_link<L, F>(self, filter: F) -> Self
    where
        R: ManyToMany<L>,
        F: IntoFilter<L>,
    {
        self.with(|inclusion| inclusion.select().narrow_links(filter.into_filter()))
    }

    /// Sorts the targets of each source by their links, after earlier orders; see
    /// [`RelationHandle::order_by_link`].
    #[doc(alias = "pivot")]
    #[doc(alias = "join table")]
    pub fn order_by_link<L, F>(self, order: F) -> Self
    where
        R: ManyToMany<L>,
        F: IntoOrdering<L>,
        A: Pageable,
    {
        self.with(|inclusion| inclusion.select().order_by(order.into_ordering().by.of_links()))
    }

    /// Takes at most this many targets of each source.
    pub fn limit(self, targets: u64) -> Self
    where
        A: Pageable,
    {
        self.with(|inclusion| inclusion.select().limit = Some(targets))
    }

    /// Skips this many targets of each source.
    pub fn offset(self, targets: u64) -> Self
    where
        A: Pageable,
    {
        self.with(|inclusion| inclusion.select().offset = Some(targets))
    }

    /// Also loads the total number of targets; see [`RelationHandle::with_total`].
    pub fn with_total(mut self) -> Including<R, T, ManyWithTotal>
    where
        A: Pageable,
    {
        self.inclusion.total = true;
        Including::new(self.inclusion)
    }

    /// Loads the targets in the statement that loads the sources; see [`Strategy::Joined`].
    pub fn joined(self) -> Self {
        self.with(|inclusion| inclusion.strategy = Some(Strategy::Joined))
    }

    /// Loads the targets by a second statement, with their keys; see [`Strategy::Batched`].
    pub fn batched(self) -> Self {
        self.with(|inclusion| inclusion.strategy = Some(Strategy::Batched))
    }

    /// Loads the targets by a second statement that is sent together with the first; see
    /// [`Strategy::Pipelined`].
    pub fn pipelined(self) -> Self {
        self.with(|inclusion| inclusion.strategy = Some(Strategy::Pipelined))
    }
}

impl<R: Relation> Including<R, R::Target> {
    /// The targets as they are.
    pub(crate) fn of() -> Self {
        Self::new(Inclusion::of::<R>())
    }
}

/// # Include
///
/// Parts of an include: nested relations, filters, orders, limits, strategies.
impl<R: Relation> RelationHandle<R> {
    /// Includes a relation of the target (nested include).
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)] #[has_many(Order)] struct Customer { #[id] id: i64 }
    /// # #[derive(Entity)] #[has_many(Line)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # #[derive(Entity)]
    /// # struct Line { #[id] id: i64, price: i32, #[belongs_to(Order)] order_id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let customers: Vec<CustomerWith<Vec<OrderWith<_, Vec<Line>>>>> =
    ///     Customer::find().include(Customer::ORDERS.include(Order::LINES)).all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn include<I: IntoInclusion<R::Target>>(
        self,
        relation: I,
    ) -> Including<R, Filled<R::Target, I::Relation, I::Targets>>
    where
        <R::Target as Entity>::With: Include<I::Relation, Slot: Free>,
    {
        Including::of().include(relation)
    }

    /// Includes a relation to one of the target, and leaves out targets without one.
    pub fn include_required<I: IntoInclusion<R::Target>>(
        self,
        relation: I,
    ) -> Including<R, Filled<R::Target, I::Relation, I::Required>, <R::Arity as Arity>::Filtered>
    where
        <R::Target as Entity>::With: Include<I::Relation, Slot: Free>,
        I::Relation: Relation<Arity: Requirable>,
    {
        Including::of().include_required(relation)
    }

    /// Includes only the targets that match a filter: a relation to one may then have no target.
    pub fn filter(
        self,
        filter: impl IntoFilter<R::Target>,
    ) -> Including<R, R::Target, <R::Arity as Arity>::Filtered> {
        Including::of().filter(filter)
    }

    /// Sorts the included targets of each source; without an order by their id.
    pub fn order_by(self, order: impl IntoOrdering<R::Target>) -> Including<R, R::Target>
    where
        R::Arity: Pageable,
    {
        Including::of().order_by(order)
    }

    /// Includes at most this many targets of each source.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)] #[has_many(Order)] struct Customer { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32, #[belongs_to(Customer)] customer_id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let largest = Customer::ORDERS.order_by(Order::QUANTITY.desc()).limit(3);
    /// let customers = Customer::find().include(largest).all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn limit(self, targets: u64) -> Including<R, R::Target>
    where
        R::Arity: Pageable,
    {
        Including::of().limit(targets)
    }

    /// Skips this many targets of each source.
    pub fn offset(self, targets: u64) -> Including<R, R::Target>
    where
        R::Arity: Pageable,
    {
        Including::of().offset(targets)
    }

    /// Includes the targets and their total number, regardless of a limit and an offset.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # use relations::include::WithTotal;
    /// # #[derive(Entity)] #[has_many(Order)] struct Customer { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let latest = Customer::ORDERS.order_by(Order::ID.desc()).limit(3).with_total();
    /// let customers: Vec<CustomerWith<WithTotal<Order>>> =
    ///     Customer::find().include(latest).all(db).await?;
    /// for customer in &customers {
    ///     println!("{} of {}", customer.orders.rows.len(), customer.orders.total);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It counts the targets that match the filter, by one further statement for all sources, in the same
    /// snapshot.
    pub fn with_total(self) -> Including<R, R::Target, ManyWithTotal>
    where
        R::Arity: Pageable,
    {
        Including::of().with_total()
    }

    /// Includes the targets in the statement that loads the sources; see [`Strategy::Joined`].
    pub fn joined(self) -> Including<R, R::Target> {
        Including::of().joined()
    }

    /// Includes the targets by a further statement that is sent their keys; see
    /// [`Strategy::Batched`].
    pub fn batched(self) -> Including<R, R::Target> {
        Including::of().batched()
    }

    /// Includes the targets by a further statement that is sent together with that of the sources;
    /// see [`Strategy::Pipelined`].
    pub fn pipelined(self) -> Including<R, R::Target> {
        Including::of().pipelined()
    }
}
