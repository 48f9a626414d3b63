//! One value made of a column or an expression of all rows.

use crate::ast::aggregate::Aggregate;
use crate::ast::term::Term;
use crate::driver::execute::fetch;
use crate::driver::executor::Executor;
use crate::entity::Entity;
use crate::error::Result;
use crate::expression::{self, RowValue, ValueOf};
use crate::query::Query;
use crate::sql::{select, value};
use crate::value::Value;

/// A value that can be summed.
#[diagnostic::on_unimplemented(
    message = "values of `{Self}` cannot be summed",
    label = "sums are of integers, floats and decimals"
)]
pub trait Summed: Value {
    /// The type of the sum, wide enough for many rows.
    type Sum: Value;
}

/// A value that has an average.
#[diagnostic::on_unimplemented(
    message = "values of `{Self}` have no average",
    label = "averages are of integers, floats and decimals"
)]
pub trait Averaged: Value {
    /// The type of the average.
    type Average: Value;
}

macro_rules! number {
    ($($type:ty: $sum:ty, $average:ty);+) => {
        $(
            impl Summed for $type {
                type Sum = $sum;
            }
            impl Averaged for $type {
                type Average = $average;
            }
        )+
    };
}

number!(i16: i64, f64; i32: i64, f64; i64: i64, f64; f32: f64, f64; f64: f64, f64);

#[cfg(feature = "rust_decimal")]
number!(rust_decimal::Decimal: rust_decimal::Decimal, rust_decimal::Decimal);

impl<E: Entity> Query<E> {
    async fn value<A: Value>(
        self,
        db: &impl Executor,
        term: Term,
        aggregate: Aggregate,
    ) -> Result<Option<A>> {
        if self.select.is_empty() {
            return Ok(None);
        }
        let of = term.column_type();
        let lowered = select::aggregate(db.dialect(), &self.select, |engine, places| {
            let value = aggregate.of(engine, of, places.term(&term)?, None, A::TYPE);
            Ok(value::Selected::new(value, term.column().map(|field| field.property)))
        })?;
        let statement = self.select.reading_terms(lowered, std::slice::from_ref(&term));
        let read = |row: &crate::value::row::Row<'_>| expression::read(&term, row, &mut 0);
        Ok(fetch(db, &statement, read).await?.into_iter().next().flatten())
    }

    /// The least value of a column or an expression; `None` if no row has one.
    pub async fn min<C: RowValue<Rows = E>>(
        self,
        db: &impl Executor,
        of: C,
    ) -> Result<Option<ValueOf<C>>> {
        self.value(db, of.into_term(), Aggregate::Least).await
    }

    /// The greatest value of a column or an expression; `None` if no row has one.
    pub async fn max<C: RowValue<Rows = E>>(
        self,
        db: &impl Executor,
        of: C,
    ) -> Result<Option<ValueOf<C>>> {
        self.value(db, of.into_term(), Aggregate::Greatest).await
    }

    /// The sum of a column or an expression such as `Line::PRICE * Line::QUANTITY`: an `i64` for
    /// integers, an `f64` for floats; `None` if no row has a value.
    ///
    /// # Errors
    ///
    /// The sum of integers does not fit.
    pub async fn sum<C: RowValue<Rows = E>>(
        self,
        db: &impl Executor,
        of: C,
    ) -> Result<Option<<ValueOf<C> as Summed>::Sum>>
    where
        ValueOf<C>: Summed,
    {
        self.value(db, of.into_term(), Aggregate::Sum).await
    }

    /// The average of a column or an expression, as an `f64`, or a `Decimal` for decimals; `None` if no
    /// row has a value.
    pub async fn avg<C: RowValue<Rows = E>>(
        self,
        db: &impl Executor,
        of: C,
    ) -> Result<Option<<ValueOf<C> as Averaged>::Average>>
    where
        ValueOf<C>: Averaged,
    {
        self.value(db, of.into_term(), Aggregate::Average).await
    }
}
