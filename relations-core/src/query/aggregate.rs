//! One value made of a column of all rows.

use sea_query::{BinOper, Expr, ExprTrait, Func};

use super::{Query, lower};
use crate::column::Column;
use crate::engine::{Engine, Executor, Operation, fetch};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::meta::ColumnType;
use crate::relation::Path;
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
pub(crate) enum Aggregate {
    Least,
    Greatest,
    Sum,
    Average,
}

impl Aggregate {
    /// The word for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Least => "min",
            Self::Greatest => "max",
            Self::Sum => "sum",
            Self::Average => "avg",
        }
    }

    /// What is made of a column of one type, as a value of another.
    pub(crate) fn of(
        self,
        engine: Engine,
        of: ColumnType,
        column: Expr,
        result: ColumnType,
    ) -> Expr {
        let text = |text: &str| Expr::cust(format!("'{text}'"));
        let value = match (self, engine, of) {
            // PostgreSQL has no least or greatest of these, but of what sorts as they do.
            (Self::Least, Engine::Postgres, ColumnType::Boolean) => {
                return Func::cust("bool_and").arg(column).into();
            }
            (Self::Greatest, Engine::Postgres, ColumnType::Boolean) => {
                return Func::cust("bool_or").arg(column).into();
            }
            (Self::Least | Self::Greatest, Engine::Postgres, ColumnType::Uuid) => {
                return self.extreme(column.cast_as("text")).cast_as("uuid");
            }
            (Self::Least | Self::Greatest, Engine::Postgres, ColumnType::Bytes) => {
                let hex = Func::cust("encode").args([column, text("hex")]);
                return Func::cust("decode").args([self.extreme(hex.into()), text("hex")]).into();
            }
            (Self::Least | Self::Greatest, ..) => return self.extreme(column),
            // SQLite has no decimals; its connections are given functions for them.
            (Self::Sum, Engine::Sqlite, ColumnType::Decimal) => {
                return Func::cust("decimal_sum").arg(column).into();
            }
            (Self::Average, Engine::Sqlite, ColumnType::Decimal) => {
                return Func::cust("decimal_avg").arg(column).into();
            }
            // PostgreSQL would add short floats up to a short one.
            (Self::Sum, Engine::Postgres, ColumnType::Real) => {
                column.cast_as(spelled(engine, ColumnType::Double)).sum()
            }
            (Self::Sum, ..) => column.sum(),
            (Self::Average, ..) => column.avg(),
        };
        // A sum is of a wider type than its column, and which one differs by engine.
        value.cast_as(spelled(engine, result))
    }

    /// A value made of a column, as one that others are compared with. SQLite keeps decimals as
    /// text, and forgets on the way out of a subquery how their column sorts.
    pub(crate) fn compared(engine: Engine, result: ColumnType, value: Expr) -> Expr {
        match (engine, result) {
            (Engine::Sqlite, ColumnType::Decimal) => {
                value.binary(BinOper::Custom("COLLATE"), Expr::custom_keyword("decimal"))
            }
            _ => value,
        }
    }

    /// The least or the greatest value.
    fn extreme(self, column: Expr) -> Expr {
        if self == Self::Least { column.min() } else { column.max() }
    }
}

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
        let lowered = lower::aggregate(db.engine(), &self.select, |engine, places| {
            let value = aggregate.of(engine, of, places.field(column.field()), A::TYPE);
            lower::Selected::new(value, Some(column.definition()))
        })?;
        let statement = self.select.statement(Operation::Select, lowered);
        let read = |row: &crate::row::Row<'_>| {
            row.cell(0).and_then(<Option<A> as Property>::read).map_err(|mismatch| {
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
