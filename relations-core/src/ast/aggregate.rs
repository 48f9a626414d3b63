//! Aggregate functions.

use sea_query::{BinOper, Expr, ExprTrait, Func};

use crate::definition::property::ColumnType;
use crate::dialect::Engine;

/// An aggregate of a column.
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

    /// An aggregate of a column of one type, as a value of another.
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

/// The types of sums and averages, as an engine spells them in a cast.
pub(crate) fn spelled(engine: Engine, column_type: ColumnType) -> &'static str {
    match (engine, column_type) {
        (Engine::Postgres, ColumnType::BigInt) => "bigint",
        (Engine::Sqlite, ColumnType::BigInt) => "INTEGER",
        (Engine::Postgres, ColumnType::Double) => "double precision",
        (Engine::Sqlite, ColumnType::Double) => "REAL",
        _ => "numeric",
    }
}
