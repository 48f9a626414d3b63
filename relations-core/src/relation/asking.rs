//! Filters by related rows, and aggregates of them.

use crate::ast::aggregate::Aggregate;
use crate::ast::predicate::Predicate;
use crate::ast::term::Field;
use crate::definition::relation::RelationKind;
use crate::entity::Entity;
use crate::expression::{RowValue, ValueOf};
use crate::filter::{Filter, IntoFilter};
use crate::query::aggregate::{Averaged, Summed};
use crate::relation::arity::{Arity, Many};
use crate::relation::{Relation, RelationHandle};
use crate::relation_aggregate::{Count, RelationAggregate};

/// # Ask
///
/// Filters of the sources by their targets.
impl<R: Relation> RelationHandle<R> {
    /// Whether a source has a target that matches a filter (`EXISTS`).
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64, quantity: i32 }
    /// let query = Customer::find().filter(Customer::ORDERS.any(Order::QUANTITY.gt(100)));
    /// ```
    pub fn any(self, filter: impl IntoFilter<R::Target>) -> Filter<R::Source> {
        Filter::new(Predicate::exists(R::DEFINITION, filter.into_filter().predicate))
    }

    /// Whether a source has no target that matches a filter; true for a source without targets.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64, quantity: i32 }
    /// let query = Customer::find().filter(Customer::ORDERS.none(Order::QUANTITY.gt(100)));
    /// ```
    pub fn none(self, filter: impl IntoFilter<R::Target>) -> Filter<R::Source> {
        !self.any(filter)
    }

    /// Whether every target of a source matches a filter; true for a source without targets. A
    /// target for which the filter is null does not match.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64, paid: bool }
    /// let paid = Customer::ORDERS.all(Order::PAID.eq(true));
    /// let query = Customer::find().filter(Customer::ORDERS.is_present().and(paid));
    /// ```
    pub fn all(self, filter: impl IntoFilter<R::Target>) -> Filter<R::Source> {
        let unmatched = filter.into_filter().predicate.untrue();
        !Filter::new(Predicate::exists(R::DEFINITION, unmatched))
    }

    /// Whether a source has a target at all.
    ///
    /// If a constraint guarantees a target for every key, this only checks whether the key is null.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: Option<i64> }
    /// let anonymous = Order::find().filter(!Order::CUSTOMER.is_present());
    /// let idle = Customer::find().filter(!Customer::ORDERS.is_present());
    /// ```
    pub fn is_present(self) -> Filter<R::Source> {
        let definition = R::DEFINITION;
        let tenant = R::Target::DEFINITION.tenant();
        // A constraint knows of no tenants, unless the tenant is a part of the key.
        let may_be_of_other = tenant.is_some_and(|one| !definition.key_to.contains(&one.name));
        if definition.kind != RelationKind::BelongsTo
            || !definition.promises_target()
            || definition.is_deferrable()
            || may_be_of_other
        {
            return Filter::new(Predicate::exists(definition, Predicate::Always));
        }
        let source = R::Source::DEFINITION;
        let key = definition.key_from.iter().filter_map(|name| source.property(name));
        Filter::new(key.filter(|part| part.nullable).fold(Predicate::Always, |found, part| {
            found.and(Predicate::Null { term: Field::of(source, part).into(), negated: true })
        }))
    }
}

/// An [`Arity`] of any number of targets, of which one value can be made.
#[diagnostic::on_unimplemented(
    message = "a relation to one has no targets to count or to put together",
    label = "this relation has one target at most",
    note = "ask whether there is one with `.is_present()`, or for a column of it with `.column(…)`"
)]
pub trait ToMany: Arity {}

impl ToMany for Many {}

/// # Aggregate
///
/// Aggregates of the targets of each source of a relation to many.
impl<R: Relation> RelationHandle<R> {
    /// The number of targets of each source; 0 without targets.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let busiest: Vec<(String, i64)> = Customer::find()
    ///     .filter(Customer::ORDERS.count().ge(10))
    ///     .order_by(Customer::ORDERS.count().desc())
    ///     .select((Customer::NAME, Customer::ORDERS.count()))
    ///     .all(db)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn count<A: ToMany>(self) -> Count<R>
    where
        R: Relation<Arity = A>,
    {
        Count::new()
    }

    /// The sum of a column or an expression of each source's targets: an `i64` for integers, an `f64` for
    /// floats; null without a value.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64, quantity: i32 }
    /// let query = Customer::find().filter(Customer::ORDERS.sum(Order::QUANTITY).gt(1_000));
    /// ```
    pub fn sum<A: ToMany, C: RowValue<Rows = R::Target>>(
        self,
        of: C,
    ) -> RelationAggregate<R::Source, Option<<ValueOf<C> as Summed>::Sum>>
    where
        R: Relation<Arity = A>,
        ValueOf<C>: Summed,
    {
        RelationAggregate::of(R::DEFINITION, Aggregate::Sum, of.into_term())
    }

    /// The least value of a column or an expression of each source's targets; null without a value.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64, quantity: i32 }
    /// let query = Customer::find().order_by(Customer::ORDERS.min(Order::QUANTITY).asc());
    /// ```
    pub fn min<A: ToMany, C: RowValue<Rows = R::Target>>(
        self,
        of: C,
    ) -> RelationAggregate<R::Source, Option<ValueOf<C>>>
    where
        R: Relation<Arity = A>,
    {
        RelationAggregate::of(R::DEFINITION, Aggregate::Least, of.into_term())
    }

    /// The greatest value of a column or an expression of each source's targets; null without a value.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let largest: Vec<(String, Option<i32>)> = Customer::find()
    ///     .select((Customer::NAME, Customer::ORDERS.max(Order::QUANTITY)))
    ///     .all(db)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn max<A: ToMany, C: RowValue<Rows = R::Target>>(
        self,
        of: C,
    ) -> RelationAggregate<R::Source, Option<ValueOf<C>>>
    where
        R: Relation<Arity = A>,
    {
        RelationAggregate::of(R::DEFINITION, Aggregate::Greatest, of.into_term())
    }

    /// The average of a column or an expression of each source's targets, as an `f64`, or a `Decimal` for
    /// decimals; null without a value.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64, quantity: i32 }
    /// let query = Customer::find().filter(Customer::ORDERS.avg(Order::QUANTITY).between(2.5, 7.5));
    /// ```
    pub fn avg<A: ToMany, C: RowValue<Rows = R::Target>>(
        self,
        of: C,
    ) -> RelationAggregate<R::Source, Option<<ValueOf<C> as Averaged>::Average>>
    where
        R: Relation<Arity = A>,
        ValueOf<C>: Averaged,
    {
        RelationAggregate::of(R::DEFINITION, Aggregate::Average, of.into_term())
    }
}
