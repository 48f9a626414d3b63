//! Queries that may bring other rows when they are repeated.

use crate::ast::aggregate::Aggregate;
use crate::ast::predicate::Predicate;
use crate::ast::relation_aggregate::Made;
use crate::ast::select::Select;
use crate::ast::term::{Operand, Term};
use crate::definition::property::ColumnType;

impl Select {
    /// Whether the rows and their order depend on SQL of the user's own, which may call a function
    /// that answers otherwise each time, or on a sum of floats, which depends on the plan.
    pub(crate) fn is_unknown(&self) -> bool {
        self.predicate.is_unknown() || self.orders.iter().any(|by| by.term.is_unknown())
    }
}

impl Predicate {
    fn is_unknown(&self) -> bool {
        match self {
            Self::Raw(_) => true,
            Self::Compare(left, _, right) => left.is_unknown() || right.is_unknown(),
            Self::Null { term, .. } => term.is_unknown(),
            Self::Exists(targets) => targets.filter.is_unknown(),
            Self::Not(inner) | Self::Untrue(inner) => inner.is_unknown(),
            Self::All(list) | Self::Any(list) => list.iter().any(Self::is_unknown),
            Self::Always | Self::Never | Self::TooDeep | Self::In { .. } | Self::Like { .. } => {
                false
            }
        }
    }
}

impl Operand {
    fn is_unknown(&self) -> bool {
        match self {
            Self::Term(term) => term.is_unknown(),
            Self::Parameter(_) => false,
        }
    }
}

impl Term {
    fn is_unknown(&self) -> bool {
        match self {
            Self::Field(_) => false,
            Self::RelationAggregate(computed) => {
                let rounds = match computed.made {
                    Made::Of(Aggregate::Sum | Aggregate::Average, _, of) => {
                        matches!(of, ColumnType::Real | ColumnType::Double)
                    }
                    Made::Of(..) | Made::Count => false,
                };
                rounds || computed.targets.filter.is_unknown()
            }
            Self::Arithmetic(arithmetic) => {
                arithmetic.left.is_unknown() || arithmetic.right.is_unknown()
            }
        }
    }
}
