//! Values that are computed of the targets of each row.

use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;
use std::sync::Arc;

use crate::ast::aggregate::Aggregate;
use crate::ast::inclusion::Strategy;
use crate::ast::predicate::{Comparison, Predicate, Targets};
use crate::ast::relation_aggregate::Computation;
use crate::ast::relation_aggregate::Made;
use crate::ast::term::{Operand, Term};
use crate::column::IntoOperand;
use crate::column::type_name;
use crate::definition::relation::RelationDefinition;
use crate::entity::Entity;
use crate::error::Error;
use crate::error::Result;
use crate::expression::Groups;
use crate::filter::{Filter, IntoFilter};
use crate::query::order::Ordering;
use crate::query::projection::Selection;
use crate::query::projection::next;
use crate::relation::Relation;
use crate::value::property::Property;
use crate::value::row::Row;
use crate::value::{IntoValue, Value};

/// The number of targets of each row: `Customer::ORDERS.count()`.
///
/// It can be compared, ordered by, selected and included; it is never null.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # #[has_many(Order)]
/// # struct Customer { #[id] id: i64 }
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, open: bool, #[belongs_to(Customer)] customer_id: i64 }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let open = Customer::ORDERS.count().filter(Order::OPEN.eq(true));
/// let busy = Customer::find().filter(open.clone().gt(3)).order_by(open.clone().desc());
/// let customers: Vec<CustomerWith<i64>> = busy.include(open).all(db).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a number does nothing until a query takes it"]
pub struct Count<R> {
    /// Which targets are counted.
    pub(crate) filter: Predicate,
    /// Which links lead to them, where not all do.
    pub(crate) links: Option<Arc<Predicate>>,
    /// The strategy for an included number.
    pub(crate) strategy: Option<Strategy>,
    relation: PhantomData<fn() -> R>,
}

impl<R> Count<R> {
    /// The number of all targets.
    pub(crate) fn new() -> Self {
        Self { filter: Predicate::Always, links: None, strategy: None, relation: PhantomData }
    }
}

impl<R> Clone for Count<R> {
    fn clone(&self) -> Self {
        Self { filter: self.filter.clone(), links: self.links.clone(), ..*self }
    }
}

impl<R: Relation> fmt::Debug for Count<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Count").field(&self.computation()).finish()
    }
}

impl<R: Relation> Count<R> {
    fn computation(&self) -> Computation {
        let targets = Targets::new(R::DEFINITION, self.filter.clone());
        Computation { targets: targets.linked_by(self.links.clone()), made: Made::Count }
    }

    pub(crate) fn term(&self) -> Term {
        Term::RelationAggregate(Arc::new(self.computation()))
    }

    /// Counts only the targets that also match a filter.
    pub fn filter(mut self, filter: impl IntoFilter<R::Target>) -> Self {
        self.filter = self.filter.and(filter.into_filter().predicate);
        self
    }

    /// Includes the number in the statement that loads the sources; see [`Strategy::Joined`].
    pub fn joined(mut self) -> Self {
        self.strategy = Some(Strategy::Joined);
        self
    }

    /// Includes the number by a second statement, with the keys of the sources; see
    /// [`Strategy::Batched`].
    pub fn batched(mut self) -> Self {
        self.strategy = Some(Strategy::Batched);
        self
    }

    /// Includes the number by a second statement that is sent together with the first; see
    /// [`Strategy::Pipelined`].
    pub fn pipelined(mut self) -> Self {
        self.strategy = Some(Strategy::Pipelined);
        self
    }
}

/// An aggregate `T` of the targets of each row of `E`, such as `Customer::ORDERS.max(Order::DATE)`.
///
/// It can be compared, ordered by and selected; it is null if no target has a value.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # #[has_many(Order)]
/// # struct Customer { #[id] id: i64, credit: i64 }
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64, price: i64 }
/// let owed = Customer::ORDERS.sum(Order::PRICE);
/// let query = Customer::find().filter(owed.gt(Customer::CREDIT));
/// ```
#[must_use = "a value does nothing until a query takes it"]
pub struct RelationAggregate<E, T> {
    computation: Arc<Computation>,
    entity: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Clone for RelationAggregate<E, T> {
    fn clone(&self) -> Self {
        Self { computation: Arc::clone(&self.computation), entity: PhantomData }
    }
}

impl<E, T> fmt::Debug for RelationAggregate<E, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("RelationAggregate").field(&self.computation).finish()
    }
}

impl<E, T> RelationAggregate<E, T> {
    pub(crate) fn term(&self) -> Term {
        Term::RelationAggregate(Arc::clone(&self.computation))
    }
}

impl<E, V: Value> RelationAggregate<E, Option<V>> {
    /// An aggregate of a column or an expression of the targets of a relation.
    pub(crate) fn of(
        relation: &'static RelationDefinition,
        aggregate: Aggregate,
        term: Term,
    ) -> Self {
        Self::of_targets(Targets::new(relation, Predicate::Always), aggregate, term)
    }

    /// An aggregate of a column or an expression of some targets.
    pub(crate) fn of_targets(targets: Targets, aggregate: Aggregate, term: Term) -> Self {
        let computation = Computation { targets, made: Made::Of(aggregate, term, V::TYPE) };
        Self { computation: Arc::new(computation), entity: PhantomData }
    }
}

impl<E: Entity, V: Value> RelationAggregate<E, Option<V>> {
    /// Whether there is no value, as for a row without targets.
    pub fn is_null(self) -> Filter<E> {
        Filter::new(Predicate::Null { term: self.term(), negated: false })
    }

    /// Whether there is a value.
    pub fn is_not_null(self) -> Filter<E> {
        Filter::new(Predicate::Null { term: self.term(), negated: true })
    }
}

/// Comparisons of any computed value.
macro_rules! computed {
    ($type:ty, $entity:ty, $property:ty, $value:ty, $($parameters:tt)*) => {
        impl<$($parameters)*> $type {
            /// Whether it equals a value, a column, or another computed value.
            pub fn eq(self, other: impl IntoOperand<$entity, $value>) -> Filter<$entity> {
                Filter::compare(self.term(), Comparison::Equal, other)
            }

            /// Whether it differs from a value, a column, or another computed value.
            pub fn ne(self, other: impl IntoOperand<$entity, $value>) -> Filter<$entity> {
                Filter::compare(self.term(), Comparison::NotEqual, other)
            }

            /// Whether it is greater than a value, a column, or another computed value.
            pub fn gt(self, other: impl IntoOperand<$entity, $value>) -> Filter<$entity> {
                Filter::compare(self.term(), Comparison::Greater, other)
            }

            /// Whether it is greater than or equal to a value, a column, or another computed value.
            pub fn ge(self, other: impl IntoOperand<$entity, $value>) -> Filter<$entity> {
                Filter::compare(self.term(), Comparison::GreaterOrEqual, other)
            }

            /// Whether it is less than a value, a column, or another computed value.
            pub fn lt(self, other: impl IntoOperand<$entity, $value>) -> Filter<$entity> {
                Filter::compare(self.term(), Comparison::Less, other)
            }

            /// Whether it is less than or equal to a value, a column, or another computed value.
            pub fn le(self, other: impl IntoOperand<$entity, $value>) -> Filter<$entity> {
                Filter::compare(self.term(), Comparison::LessOrEqual, other)
            }

            /// Whether it is one of the values; an empty list matches no row.
            pub fn is_in(
                self,
                values: impl IntoIterator<Item = impl IntoValue<$value>>,
            ) -> Filter<$entity> {
                Filter::member(self.term(), values, false)
            }

            /// Whether it is none of the values; an empty list matches every row.
            pub fn not_in(
                self,
                values: impl IntoIterator<Item = impl IntoValue<$value>>,
            ) -> Filter<$entity> {
                Filter::member(self.term(), values, true)
            }

            /// Whether it is in a range: `1..10`, which excludes its end, or `1..=10`.
            pub fn in_range(self, range: impl RangeBounds<$value>) -> Filter<$entity> {
                Filter::within(&self.term(), &range)
            }

            /// Whether it is between two values, both included.
            pub fn between(
                self,
                low: impl IntoOperand<$entity, $value>,
                high: impl IntoOperand<$entity, $value>,
            ) -> Filter<$entity> {
                self.clone().ge(low).and(self.le(high))
            }

            /// Sorts by it in ascending order.
            pub fn asc(self) -> Ordering<$entity> {
                Ordering::by::<$property>(self.term(), false)
            }

            /// Sorts by it in descending order.
            pub fn desc(self) -> Ordering<$entity> {
                Ordering::by::<$property>(self.term(), true)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($parameters)*> IntoOperand<$entity, $value> for $type {
            type Type = $property;

            fn into_operand(self) -> Operand {
                Operand::Term(self.term())
            }
        }
    };
}

pub(crate) use computed;

computed!(Count<R>, R::Source, i64, i64, R: Relation);

computed!(RelationAggregate<E, T>, E, T, T::Value, E: Entity, T: Property);

macro_rules! selected {
    ($($rows:ty),+) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<E: Entity, R: Relation<Source = E>> Selection<$rows> for Count<R> {
                type Output = i64;

                fn terms(&self) -> Vec<Term> {
                    vec![self.term()]
                }

                fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<i64> {
                    self.computation().read(row, at)
                }
            }

            #[diagnostic::do_not_recommend]
            impl<E: Entity, T: Property> Selection<$rows> for RelationAggregate<E, T> {
                type Output = T;

                fn terms(&self) -> Vec<Term> {
                    vec![self.term()]
                }

                fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<T> {
                    self.computation.read(row, at)
                }
            }
        )+
    };
}

selected!(E, Groups<E>);

impl Computation {
    /// The value in a row, at a position that moves on.
    pub(crate) fn read<T: Property>(&self, row: &Row<'_>, at: &mut usize) -> Result<T> {
        row.read(next(at), T::read_nullable).map_err(|mismatch| {
            let relation = self.targets.relation;
            let (name, column, entity) = match &self.made {
                Made::Count => (relation.name, "count", None),
                Made::Of(_, term, _) => match term.column() {
                    Some(field) => (field.property.name, field.property.column, Some(field.entity)),
                    None => (relation.name, "value", None),
                },
            };
            let error = Error::row(name, column, &type_name::<T>(), mismatch);
            error.entity_is(entity.unwrap_or_else(|| relation.target.definition()))
        })
    }
}
