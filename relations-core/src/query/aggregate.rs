//! One value made of a column of all rows.

use crate::ast::aggregate::Aggregate;
use crate::column::Column;
use crate::driver::execute::fetch;
use crate::driver::executor::Executor;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::query::Query;
use crate::relation::path::Path;
use crate::sql::operation::Operation;
use crate::sql::{select, value};
use crate::value::Value;
use crate::value::property::Property;

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
    async fn aggregate<T, A: Value, P: Path>(
        self,
        db: &impl Executor,
        column: Column<E, T, P>,
        aggregate: Aggregate,
    ) -> Result<Option<A>> {
        if self.select.is_empty() {
            return Ok(None);
        }
        let of = column.definition().column_type;
        let lowered = select::aggregate(db.engine(), &self.select, |engine, places| {
            let value = aggregate.of(engine, of, places.field(column.field()), A::TYPE);
            value::Selected::new(value, Some(column.definition()))
        })?;
        let statement = self.select.statement(Operation::Select, lowered);
        let read = |row: &crate::value::row::Row<'_>| {
            row.cell(0).and_then(<Option<A> as Property>::read_nullable).map_err(|mismatch| {
                let definition = column.definition();
                let expected = crate::column::type_name::<A>();
                Error::row(definition.name, definition.column, &expected, mismatch)
                    .entity_is(column.field().entity)
            })
        };
        Ok(fetch(db, &statement, read).await?.into_iter().next().flatten())
    }

    /// The least value of a column; `None` where no row has one.
    pub async fn min<T: Property, P: Path>(
        self,
        db: &impl Executor,
        column: Column<E, T, P>,
    ) -> Result<Option<T::Value>> {
        self.aggregate(db, column, Aggregate::Least).await
    }

    /// The greatest value of a column; `None` where no row has one.
    pub async fn max<T: Property, P: Path>(
        self,
        db: &impl Executor,
        column: Column<E, T, P>,
    ) -> Result<Option<T::Value>> {
        self.aggregate(db, column, Aggregate::Greatest).await
    }

    /// The sum of a column: an `i64` of integers, an `f64` of floats; `None` where no row has a
    /// value.
    ///
    /// # Errors
    ///
    /// The sum of integers does not fit.
    pub async fn sum<T: Property<Value: Summed>, P: Path>(
        self,
        db: &impl Executor,
        column: Column<E, T, P>,
    ) -> Result<Option<<T::Value as Summed>::Sum>> {
        self.aggregate(db, column, Aggregate::Sum).await
    }

    /// The average of a column, as an `f64`, or a `Decimal` of decimals; `None` where no row has a
    /// value.
    pub async fn avg<T: Property<Value: Averaged>, P: Path>(
        self,
        db: &impl Executor,
        column: Column<E, T, P>,
    ) -> Result<Option<<T::Value as Averaged>::Average>> {
        self.aggregate(db, column, Aggregate::Average).await
    }
}
