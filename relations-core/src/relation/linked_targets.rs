//! Many-to-many relations by columns of the join table.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::ast::aggregate::Aggregate;
use crate::ast::inclusion::Inclusion;
use crate::ast::order::OrderBy;
use crate::ast::predicate::{Predicate, Targets};
use crate::ast::select::Select;
use crate::driver::executor::Executor;
use crate::entity::Entity;
use crate::error::Result;
use crate::expression::{RowValue, ValueOf};
use crate::filter::{Filter, IntoFilter};
use crate::include::{Filled, Free, Include, Including, IntoInclusion};
use crate::loader::rounds;
use crate::loader::shape::ShapeOf;
use crate::query::Query;
use crate::query::aggregate::{Averaged, Summed};
use crate::query::order::IntoOrdering;
use crate::relation::arity::{Arity, Many, ManyWithTotal};
use crate::relation::link_order::{ById, ByLink, NoOrder};
use crate::relation::{ManyToMany, Relation, RelationHandle};
use crate::relation_aggregate::{Count, RelationAggregate};
use crate::value::key::IntoKey;
use crate::value::type_bounds::{Impossible, Never};

/// A many-to-many relation by some of its links, or in an order of theirs, as
/// `Track::TAGS.filter_link(Tagging::MAIN.eq(true))`.
///
/// It is read like the relation itself: by [`of`](Self::of), [`of_id`](Self::of_id), [`load`](Self::load), and
/// in [`include`](Query::include). Without an order of links it also asks and aggregates:
/// [`any`](Self::any), [`count`](Self::count), [`sum`](Self::sum) and the others. A number and a yes or no have
/// no order, so these do not compile after [`order_by_link`](Self::order_by_link).
#[must_use = "a relation does nothing until its targets are asked for"]
#[doc(alias = "many-to-many")]
#[doc(alias = "join table")]
pub struct LinkedTargets<R, O = ById> {
    links: Option<Arc<Predicate>>,
    orders: Vec<OrderBy>,
    relation: PhantomData<fn() -> (R, O)>,
}

impl<R, O> Clone for LinkedTargets<R, O> {
    fn clone(&self) -> Self {
        Self::new(self.links.clone(), self.orders.clone())
    }
}

impl<R: Relation, O> fmt::Debug for LinkedTargets<R, O> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let targets = Targets::new(R::DEFINITION, Predicate::Always).linked_by(self.links.clone());
        formatter.debug_tuple("LinkedTargets").field(&targets).field(&self.orders).finish()
    }
}

/// # Columns of a join table
///
/// Targets by the columns of their links.
impl<R: Relation> RelationHandle<R> {
    /// This relation by the links alone that a filter of the link entity matches.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Tag, through(Tagging))]
    /// # struct Track { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct Tag { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Tagging {
    /// #     #[id] #[belongs_to(Track)] track_id: i64,
    /// #     #[id] #[belongs_to(Tag)] tag_id: i64,
    /// #     position: i32,
    /// #     main: bool,
    /// # }
    /// # async fn run(db: &relations::Database, track: Track) -> relations::Result<()> {
    /// let main = Track::TAGS.filter_link(Tagging::MAIN.eq(true));
    /// let tags: Vec<Tag> = main.clone().of(&track).filter(Tag::NAME.ne("pop")).all(db).await?;
    /// let tracks: Vec<TrackWith<Vec<Tag>>> = Track::find().include(main.clone()).all(db).await?;
    /// let rock = Track::find().filter(main.clone().any(Tag::NAME.eq("rock"))).all(db).await?;
    /// let by_number = Track::find().order_by(main.count().desc()).all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The links that every query leaves out, deleted ones, those outside of a default scope and those of other
    /// tenants, are left out here as well, and so are those that the relation's own filter leaves out.
    ///
    /// In a [`Filter::raw`] write the columns of the link without its table, which has a name of its own here; the
    /// database refuses a name that the target has as well, so write such a column as a typed filter.
    #[doc(alias = "pivot")]
    #[doc(alias = "wherePivot")]
    #[doc(alias = "join table")]
    pub fn filter_link<L, F>(self, filter: F) -> LinkedTargets<R>
    where
        R: ManyToMany<L>,
        F: IntoFilter<L>,
    {
        LinkedTargets::by_all_links().filter_link(filter)
    }

    /// This relation with its targets in an order of the link entity.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Tag, through(Tagging))]
    /// # struct Track { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct Tag { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Tagging {
    /// #     #[id] #[belongs_to(Track)] track_id: i64,
    /// #     #[id] #[belongs_to(Tag)] tag_id: i64,
    /// #     position: i32,
    /// # }
    /// # async fn run(db: &relations::Database, track: Track, all: Vec<Track>) -> relations::Result<()> {
    /// let in_order = Track::TAGS.order_by_link(Tagging::POSITION.asc());
    /// let tags: Vec<Tag> = in_order.clone().of(&track).all(db).await?;
    /// let of_each: Vec<Vec<Tag>> = in_order.clone().load(db, &all).await?;
    /// let first = Track::find().include(in_order.limit(3)).all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Targets that are equal in this come by their id. A target that several links lead to comes once, at the
    /// place of the first of them.
    #[doc(alias = "pivot")]
    #[doc(alias = "orderByPivot")]
    #[doc(alias = "join table")]
    pub fn order_by_link<L, F>(self, order: F) -> LinkedTargets<R, ByLink>
    where
        R: ManyToMany<L>,
        F: IntoOrdering<L>,
    {
        LinkedTargets::<R>::by_all_links().order_by_link(order)
    }
}

impl<R, O> LinkedTargets<R, O> {
    fn new(links: Option<Arc<Predicate>>, orders: Vec<OrderBy>) -> Self {
        Self { links, orders, relation: PhantomData }
    }
}

impl<R> LinkedTargets<R> {
    fn by_all_links() -> Self {
        Self::new(None, Vec::new())
    }
}

impl<R: Relation<Arity = Many>, O> LinkedTargets<R, O> {
    /// Leaves only the links that a filter matches as well.
    pub fn filter_link<L, F>(mut self, filter: F) -> Self
    where
        R: ManyToMany<L>,
        F: IntoFilter<L>,
    {
        narrow(&mut self.links, filter.into_filter().predicate);
        self
    }

    /// Orders the targets by their links, by what was given before first; then by their id.
    pub fn order_by_link<L, F>(mut self, order: F) -> LinkedTargets<R, ByLink>
    where
        R: ManyToMany<L>,
        F: IntoOrdering<L>,
    {
        self.orders.push(order.into_ordering().by.of_links());
        LinkedTargets::new(self.links, self.orders)
    }

    /// A query of the targets of a source; see [`RelationHandle::of`].
    #[track_caller]
    pub fn of(self, source: &R::Source) -> Query<R::Target> {
        self.of_these(RelationHandle::<R>::RELATION.of(source))
    }

    /// A query of the targets of the source with an id, in one statement; see [`RelationHandle::of_id`].
    #[track_caller]
    pub fn of_id(self, id: impl IntoKey<<R::Source as Entity>::Id>) -> Query<R::Target> {
        self.of_these(RelationHandle::<R>::RELATION.of_id(id))
    }

    /// The targets of many sources, in the order of the sources and in one statement. If all keys are null, no
    /// statement is sent.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn load<'a>(
        self,
        db: &impl Executor,
        sources: impl IntoIterator<Item = &'a R::Source>,
    ) -> Result<Vec<Vec<R::Target>>> {
        rounds::many_targets::<R>(db, sources.into_iter().collect(), self.inclusion()).await
    }

    fn of_these(self, mut query: Query<R::Target>) -> Query<R::Target> {
        self.say(&mut query.select);
        query
    }
}

impl<R: Relation, O> LinkedTargets<R, O> {
    fn inclusion(self) -> Inclusion {
        let mut inclusion = Inclusion::of::<R>();
        self.say(inclusion.select());
        inclusion
    }

    fn say(self, select: &mut Select) {
        select.links = self.links;
        for by in self.orders {
            select.order_by(by);
        }
    }
}

/// # Include
///
/// Parts of an include, as of [`RelationHandle`].
impl<R: Relation<Arity = Many>, O> LinkedTargets<R, O> {
    fn including(self) -> Including<R, R::Target> {
        Including::new(self.inclusion())
    }

    /// Includes a relation of the target as well.
    #[allow(clippy::type_complexity, reason = "the type says what is loaded")]
    pub fn include<I: IntoInclusion<R::Target>>(
        self,
        relation: I,
    ) -> Including<R, Filled<R::Target, I::Relation, I::Targets>>
    where
        <R::Target as Entity>::With: Include<I::Relation, Slot: Free>,
    {
        self.including().include(relation)
    }

    /// Includes only the targets that a filter matches as well.
    pub fn filter(self, filter: impl IntoFilter<R::Target>) -> Including<R, R::Target> {
        self.including().filter(filter)
    }

    /// Includes the targets of each source in an order, by that of links first.
    pub fn order_by(self, order: impl IntoOrdering<R::Target>) -> Including<R, R::Target> {
        self.including().order_by(order)
    }

    /// Includes this many targets of each source at most.
    pub fn limit(self, targets: u64) -> Including<R, R::Target> {
        self.including().limit(targets)
    }

    /// Leaves out this many targets of each source at the start.
    pub fn offset(self, targets: u64) -> Including<R, R::Target> {
        self.including().offset(targets)
    }

    /// Includes how many targets there are in all; see [`RelationHandle::with_total`].
    pub fn with_total(self) -> Including<R, R::Target, ManyWithTotal> {
        self.including().with_total()
    }

    /// Includes each target as a struct that says which columns and relations it holds; see
    /// [`Query::select_as`].
    pub fn select_as<P: ShapeOf<R::Target>>(self) -> Including<R, P> {
        self.including().select_as()
    }

    /// Includes the targets by a further statement that is sent their keys; see
    /// [`Strategy::Batched`](crate::include::Strategy::Batched).
    pub fn batched(self) -> Including<R, R::Target> {
        self.including().batched()
    }

    /// Includes the targets by a further statement that is sent together with that of the sources; see
    /// [`Strategy::Pipelined`](crate::include::Strategy::Pipelined).
    pub fn pipelined(self) -> Including<R, R::Target> {
        self.including().pipelined()
    }
}

/// # Ask
///
/// Filters of the sources by their targets.
impl<R: Relation<Arity = Many>, O> LinkedTargets<R, O> {
    /// Whether one of the links leads to a target that a filter matches.
    pub fn any(self, filter: impl IntoFilter<R::Target>) -> Filter<R::Source>
    where
        O: NoOrder,
    {
        self.exists(filter.into_filter().predicate)
    }

    /// Whether none of the links leads to a target that a filter matches.
    pub fn none(self, filter: impl IntoFilter<R::Target>) -> Filter<R::Source>
    where
        O: NoOrder,
    {
        !self.any(filter)
    }

    /// Whether a filter matches every target that one of the links leads to. A target for which the filter's
    /// answer is a null is not matched.
    pub fn all(self, filter: impl IntoFilter<R::Target>) -> Filter<R::Source>
    where
        O: NoOrder,
    {
        !self.exists(filter.into_filter().predicate.untrue())
    }

    /// Whether one of the links leads to a target at all.
    pub fn is_present(self) -> Filter<R::Source>
    where
        O: NoOrder,
    {
        self.exists(Predicate::Always)
    }

    fn exists(self, filter: Predicate) -> Filter<R::Source> {
        Filter::new(Predicate::exists_by(R::DEFINITION, filter, self.links))
    }
}

/// # Aggregate
///
/// Values over the targets of each source.
impl<R: Relation<Arity = Many>, O> LinkedTargets<R, O> {
    /// The number of targets of each source; 0 of one without.
    pub fn count(self) -> Count<R>
    where
        O: NoOrder,
    {
        let mut count = Count::new();
        count.links = self.links;
        count
    }

    /// The sum of a column or an expression of each source's targets; see [`RelationHandle::sum`].
    pub fn sum<C: RowValue<Rows = R::Target>>(
        self,
        of: C,
    ) -> RelationAggregate<R::Source, Option<<ValueOf<C> as Summed>::Sum>>
    where
        O: NoOrder,
        ValueOf<C>: Summed,
    {
        RelationAggregate::of_targets(self.targets(), Aggregate::Sum, of.into_term())
    }

    /// The least value of a column or an expression of each source's targets; null of a source without a value.
    pub fn min<C: RowValue<Rows = R::Target>>(
        self,
        of: C,
    ) -> RelationAggregate<R::Source, Option<ValueOf<C>>>
    where
        O: NoOrder,
    {
        RelationAggregate::of_targets(self.targets(), Aggregate::Least, of.into_term())
    }

    /// The greatest value of a column or an expression of each source's targets; null of a source without a
    /// value.
    pub fn max<C: RowValue<Rows = R::Target>>(
        self,
        of: C,
    ) -> RelationAggregate<R::Source, Option<ValueOf<C>>>
    where
        O: NoOrder,
    {
        RelationAggregate::of_targets(self.targets(), Aggregate::Greatest, of.into_term())
    }

    /// The average of a column or an expression of each source's targets; see [`RelationHandle::avg`].
    pub fn avg<C: RowValue<Rows = R::Target>>(
        self,
        of: C,
    ) -> RelationAggregate<R::Source, Option<<ValueOf<C> as Averaged>::Average>>
    where
        O: NoOrder,
        ValueOf<C>: Averaged,
    {
        RelationAggregate::of_targets(self.targets(), Aggregate::Average, of.into_term())
    }

    fn targets(self) -> Targets {
        Targets::new(R::DEFINITION, Predicate::Always).linked_by(self.links)
    }
}

impl<R: Relation> Count<R> {
    /// Counts only the targets that links lead to which a filter of the link entity matches.
    #[doc(alias = "join table")]
    pub fn filter_link<L, F>(mut self, filter: F) -> Self
    where
        R: ManyToMany<L>,
        F: IntoFilter<L>,
    {
        narrow(&mut self.links, filter.into_filter().predicate);
        self
    }
}

impl Select {
    /// Leaves only the rows that links lead to which a filter matches as well.
    pub(crate) fn narrow_links<L>(&mut self, filter: Filter<L>) {
        narrow(&mut self.links, filter.predicate);
    }
}

fn narrow(links: &mut Option<Arc<Predicate>>, filter: Predicate) {
    let links_of_all = || Arc::new(Predicate::Always);
    let all = Arc::unwrap_or_clone(links.take().unwrap_or_else(links_of_all)).and(filter);
    *links = (!matches!(all, Predicate::Always)).then(|| Arc::new(all));
}

#[diagnostic::do_not_recommend]
impl<R: Relation, O> IntoInclusion<R::Source> for LinkedTargets<R, O> {
    type Relation = R;
    type Targets = <R::Arity as Arity>::Of<R::Target>;
    type Required = R::Target;

    fn each_inclusion(self, mut each: impl FnMut(Inclusion)) {
        each(self.inclusion());
    }
}

#[diagnostic::do_not_recommend]
impl<E, R: Relation, O> IntoInclusion<E> for LinkedTargets<R, O>
where
    Never<(E, R)>: Impossible,
{
    type Relation = R;
    type Targets = <R::Arity as Arity>::Of<R::Target>;
    type Required = R::Target;

    fn each_inclusion(self, _: impl FnMut(Inclusion)) {
        <Never<(E, R)>>::never::<()>();
    }
}
