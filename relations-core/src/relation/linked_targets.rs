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

/// A many-to-many relation with a filter or an order of its links, as in
/// `Track::TAGS.filter_link(Tagging::MAIN.eq(true))`.
///
/// It is read like the relation itself, by [`of`](Self::of), [`of_id`](Self::of_id), [`load`](Self::load), and
/// in [`include`](Query::include). Without an order of links it also has conditions and aggregates:
/// [`any`](Self::any), [`count`](Self::count), [`sum`](Self::sum) and the others. Their results have no order,
/// so they do not compile after [`order_by_link`](Self::order_by_link).
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
/// Targets filtered and sorted by the columns of their links.
impl<R: Relation> RelationHandle<R> {
    /// Uses only the links that match a filter of the link entity.
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
    /// Links that are deleted, outside of a default scope or of other tenants are left out as in every query,
    /// and the relation's own filter applies as well.
    ///
    /// In a [`Filter::raw`] write the columns of the link without the table, which has an alias here. The
    /// database rejects a name that the target has as well; use a typed filter for such a column.
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

    /// Sorts the targets by columns of the link entity.
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
    /// Targets that are equal in this order are sorted by their id. A target with several links is returned
    /// once, at the position of its first link.
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
    /// Keeps only the links that also match a filter.
    pub fn filter_link<L, F>(mut self, filter: F) -> Self
    where
        R: ManyToMany<L>,
        F: IntoFilter<L>,
    {
        narrow(&mut self.links, filter.into_filter().predicate);
        self
    }

    /// Sorts the targets by their links, after earlier orders; then by their id.
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

    /// Includes only the targets that also match a filter.
    pub fn filter(self, filter: impl IntoFilter<R::Target>) -> Including<R, R::Target> {
        self.including().filter(filter)
    }

    /// Sorts the included targets of each source, after the order of links.
    pub fn order_by(self, order: impl IntoOrdering<R::Target>) -> Including<R, R::Target> {
        self.including().order_by(order)
    }

    /// Includes at most this many targets of each source.
    pub fn limit(self, targets: u64) -> Including<R, R::Target> {
        self.including().limit(targets)
    }

    /// Skips this many targets of each source.
    pub fn offset(self, targets: u64) -> Including<R, R::Target> {
        self.including().offset(targets)
    }

    /// Includes the targets and their total number; see [`RelationHandle::with_total`].
    pub fn with_total(self) -> Including<R, R::Target, ManyWithTotal> {
        self.including().with_total()
    }

    /// Includes each target as a row type, which determines the columns and relations to load; see
    /// [`Query::select_as`].
    pub fn select_as<P: ShapeOf<R::Target>>(self) -> Including<R, P> {
        self.including().select_as()
    }

    /// Includes the targets by a second statement, with their keys; see
    /// [`Strategy::Batched`](crate::include::Strategy::Batched).
    pub fn batched(self) -> Including<R, R::Target> {
        self.including().batched()
    }

    /// Includes the targets by a second statement that is sent together with the first; see
    /// [`Strategy::Pipelined`](crate::include::Strategy::Pipelined).
    pub fn pipelined(self) -> Including<R, R::Target> {
        self.including().pipelined()
    }
}

/// # Ask
///
/// Filters of the sources by their targets.
impl<R: Relation<Arity = Many>, O> LinkedTargets<R, O> {
    /// Whether one of the links leads to a target that matches a filter.
    pub fn any(self, filter: impl IntoFilter<R::Target>) -> Filter<R::Source>
    where
        O: NoOrder,
    {
        self.exists(filter.into_filter().predicate)
    }

    /// Whether no link leads to a target that matches a filter.
    pub fn none(self, filter: impl IntoFilter<R::Target>) -> Filter<R::Source>
    where
        O: NoOrder,
    {
        !self.any(filter)
    }

    /// Whether every target of the links matches a filter. A target for which the filter is null does not
    /// match.
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
/// Aggregates of the targets of each source.
impl<R: Relation<Arity = Many>, O> LinkedTargets<R, O> {
    /// The number of targets of each source; 0 without targets.
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

    /// The least value of a column or an expression of each source's targets; null without a value.
    pub fn min<C: RowValue<Rows = R::Target>>(
        self,
        of: C,
    ) -> RelationAggregate<R::Source, Option<ValueOf<C>>>
    where
        O: NoOrder,
    {
        RelationAggregate::of_targets(self.targets(), Aggregate::Least, of.into_term())
    }

    /// The greatest value of a column or an expression of each source's targets; null without a value.
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
    /// Counts only the targets whose links match a filter of the link entity.
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
