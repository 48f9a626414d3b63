//! Calculations with the columns of each row.

use sea_query::{Expr, ExprTrait, Func};

use crate::ast::aggregate::Aggregate;
use crate::ast::arithmetic::{Calculation, Operator};
use crate::definition::property::ColumnType;
use crate::dialect::Engine;
use crate::error::Result;
use crate::sql::Writer;
use crate::sql::from_clause::FromClause;

/// The function by which SQLite calculates: its own operators would go on with another type where
/// a result does not fit, and make a float of a decimal. It takes the operator, the type, and both
/// numbers.
pub(crate) const CALCULATE: &str = "relations_calculate";

impl FromClause<'_> {
    /// The result of a calculation in each row.
    pub(crate) fn calculated(&mut self, calculation: &Calculation) -> Result<Expr> {
        let Calculation { left, operator, right, number, .. } = calculation;
        let operands = (self.operand(left, right)?, self.operand(right, left)?);
        Ok(self.writer.calculation(operands, *operator, *number))
    }
}

impl Writer {
    /// The result of two numbers of a type.
    pub(crate) fn calculation(
        &self,
        (left, right): (Expr, Expr),
        operator: Operator,
        number: ColumnType,
    ) -> Expr {
        match (self.engine, operator) {
            (Engine::Postgres, Operator::Add) => left.add(right),
            (Engine::Postgres, Operator::Subtract) => left.sub(right),
            (Engine::Postgres, Operator::Multiply) => left.mul(right),
            (Engine::Postgres, Operator::Divide) => left.div(right),
            (Engine::Sqlite, operator) => {
                let word = |word| Expr::cust(format!("'{word}'"));
                let arguments = [word(operator.sign()), word(type_word(number)), left, right];
                let result = Func::cust(CALCULATE).args(arguments);
                Aggregate::compared(self.engine, number, result.into())
            }
        }
    }
}

/// The word for a type of numbers, as [`CALCULATE`] knows it.
fn type_word(number: ColumnType) -> &'static str {
    match number {
        ColumnType::SmallInt => "smallint",
        ColumnType::Integer => "integer",
        ColumnType::BigInt => "bigint",
        ColumnType::Real => "real",
        ColumnType::Double => "double",
        _ => "decimal",
    }
}
