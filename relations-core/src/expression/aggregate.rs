//! Aggregates of the rows of a group.

use std::fmt;
use std::marker::PhantomData;

use crate::ast::aggregate::Aggregate;
use crate::ast::call::{Function, GroupAggregate};
use crate::ast::predicate::Predicate;
use crate::ast::term::Term;
use crate::column::Column;
use crate::entity::Entity;
use crate::expression::{Expression, RowValue};
use crate::filter::IntoFilter;
use crate::query::aggregate::{Averaged, Summed};
use crate::relation::path::Path;
use crate::value::property::Property;

/// The groups of rows of `E`. It distinguishes aggregates from values of a row: `Order::ID` belongs to an
/// `Order`, `count()` to `Groups<Order>`.
pub struct Groups<E>(PhantomData<fn() -> E>);

impl<E> fmt::Debug for Groups<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Groups").finish()
    }
}

/// The number of rows of each group.
///
/// ```no_run
/// # use relations::prelude::*;
/// use relations::expression::count;
///
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, country: String, open: bool }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let open = count().filter(Order::OPEN.eq(true));
/// let orders: Vec<(String, i64, i64)> = Order::find()
///     .group_by(Order::COUNTRY)
///     .having(count().gt(10))
///     .select((Order::COUNTRY, count(), open))
///     .all(db)
///     .await?;
/// # Ok(())
/// # }
/// ```
pub fn count<E>() -> Expression<Groups<E>, i64> {
    made(GroupAggregate::Count, None)
}

fn made<E, T: Property>(aggregate: GroupAggregate, term: Option<Term>) -> Expression<Groups<E>, T> {
    let arguments = term.into_iter().map(Into::into).collect();
    Expression::call(Function::Aggregate(aggregate, Predicate::Always), arguments)
}

macro_rules! aggregates {
    ($type:ty, [$($parameters:tt)*]) => {
        /// # Aggregates of groups
        ///
        /// One value for each group of a [`group_by`](crate::Query::group_by), or for all rows by
        /// [`aggregate`](crate::Query::aggregate). Nulls are ignored.
        impl<$($parameters)*> $type {
            /// The number of rows of each group in which the value is not null.
            pub fn count(self) -> Expression<Groups<E>, i64> {
                made(GroupAggregate::Count, Some(self.into_term()))
            }

            /// The number of different values in each group.
            #[doc(alias = "distinct")]
            pub fn count_distinct(self) -> Expression<Groups<E>, i64> {
                made(GroupAggregate::CountDistinct, Some(self.into_term()))
            }

            /// The sum of each group: an `i64` for integers, an `f64` for floats; null if no row has a
            /// value.
            ///
            /// ```
            /// # use relations::prelude::*;
            /// # #[derive(Entity)]
            /// # struct Line { #[id] id: i64, product_id: i64, price: i64, quantity: i64 }
            /// let turnover = (Line::PRICE * Line::QUANTITY).sum();
            /// let best = Line::find()
            ///     .group_by(Line::PRODUCT_ID)
            ///     .select((Line::PRODUCT_ID, turnover.clone()))
            ///     .order_by(turnover.desc())
            ///     .limit(10);
            /// ```
            pub fn sum(self) -> Expression<Groups<E>, Option<<T::Value as Summed>::Sum>>
            where
                T::Value: Summed,
            {
                made(GroupAggregate::Of(Aggregate::Sum), Some(self.into_term()))
            }

            /// The average of each group, as an `f64`, or a `Decimal` for decimals; null if no row has a
            /// value.
            #[doc(alias = "mean")]
            pub fn avg(self) -> Expression<Groups<E>, Option<<T::Value as Averaged>::Average>>
            where
                T::Value: Averaged,
            {
                made(GroupAggregate::Of(Aggregate::Average), Some(self.into_term()))
            }

            /// The least value of each group; null if no row has one.
            pub fn min(self) -> Expression<Groups<E>, Option<T::Value>> {
                made(GroupAggregate::Of(Aggregate::Least), Some(self.into_term()))
            }

            /// The greatest value of each group; null if no row has one.
            pub fn max(self) -> Expression<Groups<E>, Option<T::Value>> {
                made(GroupAggregate::Of(Aggregate::Greatest), Some(self.into_term()))
            }
        }
    };
}

aggregates!(Column<E, T, P>, [E: Entity, T: Property, P: Path]);

aggregates!(Expression<E, T>, [E: Entity, T: Property]);

impl<E, T: Property> Expression<Groups<E>, T> {
    /// Limits the aggregate to rows that match a filter: `count().filter(…)`.
    ///
    /// # Errors
    ///
    /// The query fails before it is sent, with an error that
    /// [`is_invalid_request`](crate::Error::is_invalid_request), if this is an expression of aggregates
    /// instead of a single aggregate.
    pub fn filter(self, filter: impl IntoFilter<E>) -> Self {
        let Term::Call(call) = &self.term else { return Self::invalid(FILTERED) };
        let Function::Aggregate(aggregate, before) = &call.function else {
            return Self::invalid(FILTERED);
        };
        let filter = before.clone().and(filter.into_filter().predicate).nested();
        Self::call(Function::Aggregate(*aggregate, filter), call.arguments.clone())
    }
}

const FILTERED: &str = "is calculated of aggregates, and only an aggregate itself has a filter; write \
                        `.filter(…)` directly behind it";
