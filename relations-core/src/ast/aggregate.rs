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

    /// An aggregate of values of one type, as a value of another; of some rows, where there is a filter.
    pub(crate) fn of(
        self,
        engine: Engine,
        of: ColumnType,
        value: Expr,
        filter: Option<Expr>,
        result: ColumnType,
    ) -> Expr {
        let text = |text: &str| Expr::cust(format!("'{text}'"));
        let call = |name: &'static str, value: Expr| {
            filtered(engine, Func::cust(name).arg(value).into(), filter)
        };
        let extreme = if self == Self::Least { "MIN" } else { "MAX" };
        let value = match (self, engine, of) {
            // PostgreSQL has no least or greatest of these, but of what sorts as they do.
            (Self::Least, Engine::Postgres, ColumnType::Boolean) => {
                return call("bool_and", value);
            }
            (Self::Greatest, Engine::Postgres, ColumnType::Boolean) => {
                return call("bool_or", value);
            }
            (Self::Least | Self::Greatest, Engine::Postgres, ColumnType::Uuid) => {
                return call(extreme, value.cast_as("text")).cast_as("uuid");
            }
            (Self::Least | Self::Greatest, Engine::Postgres, ColumnType::Bytes) => {
                let hex = Func::cust("encode").args([value, text("hex")]);
                return Func::cust("decode").args([call(extreme, hex.into()), text("hex")]).into();
            }
            (Self::Least | Self::Greatest, ..) => return call(extreme, value),
            // SQLite has no decimals; its connections are given functions for them.
            (Self::Sum, Engine::Sqlite, ColumnType::Decimal) => {
                return call("decimal_sum", value);
            }
            (Self::Average, Engine::Sqlite, ColumnType::Decimal) => {
                return call("decimal_avg", value);
            }
            // PostgreSQL would add short floats up to a short one.
            (Self::Sum, Engine::Postgres, ColumnType::Real) => {
                call("SUM", value.cast_as(spelled(engine, ColumnType::Double)))
            }
            (Self::Sum, ..) => call("SUM", value),
            (Self::Average, ..) => call("AVG", value),
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
}

/// An aggregate of the rows that a condition leaves.
pub(crate) fn filtered(engine: Engine, aggregate: Expr, filter: Option<Expr>) -> Expr {
    let Some(filter) = filter else { return aggregate };
    Expr::cust_with_exprs(
        match engine {
            Engine::Postgres => "$1 FILTER (WHERE $2)",
            Engine::Sqlite => "? FILTER (WHERE ?)",
        },
        [aggregate, filter],
    )
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
