//! Values computed of the targets of each row.

use std::fmt;

use crate::ast::aggregate::Aggregate;
use crate::ast::predicate::Targets;
use crate::ast::term::{Field, Term};
use crate::definition::property::ColumnType;

/// An aggregate of the targets of each row, before it is written as SQL.
#[doc(hidden)]
#[derive(Clone, PartialEq)]
pub struct Computation {
    pub(crate) targets: Targets,
    pub(crate) made: Made,
}

/// The kind of aggregate.
#[derive(Clone, PartialEq)]
pub(crate) enum Made {
    /// Their number.
    Count,
    /// A value made of a column or an expression of theirs, as one of a type.
    Of(Aggregate, Term, ColumnType),
}

/// `Customer.orders.count`, or `Customer.orders.greatest(Order.quantity)`.
impl fmt::Debug for Computation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.made {
            Made::Count => write!(formatter, "{:?}.count", self.targets),
            Made::Of(aggregate, term, _) => {
                write!(formatter, "{:?}.{}({term:?})", self.targets, aggregate.name())
            }
        }
    }
}

impl Computation {
    /// Whether the value may be null: all but a number are, where there are no targets.
    pub(crate) fn is_nullable(&self) -> bool {
        self.made != Made::Count
    }

    /// The column whose values these are.
    pub(crate) fn column(&self) -> Option<Field> {
        match &self.made {
            Made::Of(Aggregate::Least | Aggregate::Greatest, term, _) => term.column(),
            Made::Of(..) | Made::Count => None,
        }
    }

    /// The type of the value.
    pub(crate) fn column_type(&self) -> ColumnType {
        match self.made {
            Made::Count => ColumnType::BigInt,
            Made::Of(_, _, result) => result,
        }
    }
}
