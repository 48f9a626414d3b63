//! Arithmetic over the columns of each row.

use std::fmt;

use crate::ast::term::{Field, Operand, Term};
use crate::definition::property::ColumnType;

/// A calculation with two operands, before it is written as SQL.
#[doc(hidden)]
#[derive(Clone, PartialEq)]
pub struct Calculation {
    pub(crate) left: Operand,
    pub(crate) operator: Operator,
    pub(crate) right: Operand,
    /// The type of the result, which holds those of both operands.
    pub(crate) number: ColumnType,
    /// The number of calculations in each other.
    pub(crate) depth: usize,
}

/// An operator on two numbers.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    #[doc(hidden)]
    Add,
    #[doc(hidden)]
    Subtract,
    #[doc(hidden)]
    Multiply,
    #[doc(hidden)]
    Divide,
}

impl Operator {
    /// The sign for it, in Rust as in SQL.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }
}

/// `(Order.price * …)`
impl fmt::Debug for Calculation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "({:?} {} {:?})", self.left, self.operator.sign(), self.right)
    }
}

impl Calculation {
    pub(crate) fn terms(&self) -> impl Iterator<Item = &Term> {
        [&self.left, &self.right].into_iter().filter_map(|operand| match operand {
            Operand::Term(term) => Some(term),
            Operand::Parameter(_) => None,
        })
    }

    /// Whether the result may be null, as it is where an operand is.
    pub(crate) fn is_nullable(&self) -> bool {
        self.terms().any(Term::is_nullable)
    }

    /// A column whose type is that of the result.
    pub(crate) fn column(&self) -> Option<Field> {
        let mut columns = self.terms().filter_map(Term::column);
        columns.find(|field| field.property.column_type == self.number)
    }

    /// Whether a value is sent with it.
    pub(crate) fn holds_values(&self) -> bool {
        [&self.left, &self.right].into_iter().any(|operand| match operand {
            Operand::Term(term) => term.holds_values(),
            Operand::Parameter(_) => true,
        })
    }
}
