//! One value made of a column of all rows.

use sea_query::{Alias, ExprTrait, Func};

use super::{Query, lower};
use crate::column::Column;
use crate::engine::{Engine, Executor, Operation, fetch};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::meta::ColumnType;
use crate::value::{Property, Value};

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

/// What is made of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aggregate {
    Least,
    Greatest,
    Sum,
    Average,
}

impl<E: Entity> Query<E> {
    async fn aggregate<T, A: Value>(
        self,
        db: &impl Executor,
        column: Column<E, T>,
        aggregate: Aggregate,
    ) -> Result<Option<A>> {
        if self.select.is_empty() {
            return Ok(None);
        }
        let column_type = column.definition().column_type;
        let decimal = column_type == ColumnType::Decimal;
        let single = column_type == ColumnType::Real;
        let lowered = lower::aggregate(db.engine(), &self.select, |engine| {
            let of = lower::column(column.field());
            let value = match aggregate {
                Aggregate::Least => return of.min(),
                Aggregate::Greatest => return of.max(),
                // SQLite has no decimals; its connections are given functions for them.
                Aggregate::Sum if decimal && engine == Engine::Sqlite => {
                    return Func::cust("decimal_sum").arg(of).into();
                }
                Aggregate::Average if decimal && engine == Engine::Sqlite => {
                    return Func::cust("decimal_avg").arg(of).into();
                }
                // PostgreSQL adds up `real` as `real`, which keeps six digits of the sum.
                Aggregate::Sum if single && engine == Engine::Postgres => {
                    return of.cast_as(Alias::new(spelled(engine, A::TYPE))).sum();
                }
                Aggregate::Sum => of.sum(),
                Aggregate::Average => of.avg(),
            };
            // A sum is of a wider type than its column, and which one differs by engine.
            value.cast_as(Alias::new(spelled(engine, A::TYPE)))
        })?;
        let statement = self.select.statement(Operation::Select, lowered);
        let read = |row: &crate::row::Row<'_>| {
            row.cell(0).and_then(<Option<A> as Property>::read).map_err(|mismatch| {
                let definition = column.definition();
                let expected = crate::column::type_name::<A>();
                Error::row(definition.name, definition.column, &expected, mismatch)
                    .entity_is(E::DEFINITION)
            })
        };
        Ok(fetch(db, &statement, read).await?.into_iter().next().flatten())
    }

    /// The least value of a column; `None` where no row has one.
    pub async fn min<T: Property>(
        self,
        db: &impl Executor,
        column: Column<E, T>,
    ) -> Result<Option<T::Value>> {
        self.aggregate(db, column, Aggregate::Least).await
    }

    /// The greatest value of a column; `None` where no row has one.
    pub async fn max<T: Property>(
        self,
        db: &impl Executor,
        column: Column<E, T>,
    ) -> Result<Option<T::Value>> {
        self.aggregate(db, column, Aggregate::Greatest).await
    }

    /// The sum of a column: an `i64` of integers, an `f64` of floats; `None` where no row has a
    /// value.
    ///
    /// # Errors
    ///
    /// The sum of integers does not fit.
    pub async fn sum<T: Property<Value: Summed>>(
        self,
        db: &impl Executor,
        column: Column<E, T>,
    ) -> Result<Option<<T::Value as Summed>::Sum>> {
        self.aggregate(db, column, Aggregate::Sum).await
    }

    /// The average of a column, as an `f64`, or a `Decimal` of decimals; `None` where no row has a
    /// value.
    pub async fn avg<T: Property<Value: Averaged>>(
        self,
        db: &impl Executor,
        column: Column<E, T>,
    ) -> Result<Option<<T::Value as Averaged>::Average>> {
        self.aggregate(db, column, Aggregate::Average).await
    }
}

/// The types of sums and averages, as an engine spells them in a cast.
fn spelled(engine: Engine, column_type: ColumnType) -> &'static str {
    match (engine, column_type) {
        (Engine::Postgres, ColumnType::BigInt) => "bigint",
        (Engine::Sqlite, ColumnType::BigInt) => "INTEGER",
        (Engine::Postgres, ColumnType::Double) => "double precision",
        (Engine::Sqlite, ColumnType::Double) => "REAL",
        _ => "numeric",
    }
}
