//! Queries that may bring other rows when they are repeated.

use crate::ast::aggregate::Aggregate;
use crate::ast::call::Function;
use crate::ast::predicate::{Predicate, Targets};
use crate::ast::relation_aggregate::Made;
use crate::ast::select::Select;
use crate::ast::term::{Operand, Term};
use crate::definition::property::ColumnType;

impl Select {
    /// Whether the rows and their order depend on SQL of the user's own, which may call a function
    /// that answers otherwise each time, or on a sum of floats, which depends on the plan.
    pub(crate) fn is_unknown(&self) -> bool {
        self.predicate.is_unknown()
            || self.links.as_ref().is_some_and(|links| links.is_unknown())
            || self.orders.iter().any(|by| by.term.is_unknown())
    }
}

impl Predicate {
    pub(crate) fn is_unknown(&self) -> bool {
        match self {
            Self::Raw(_) => true,
            Self::Compare(left, _, right) => left.is_unknown() || right.is_unknown(),
            Self::Range { term, other, .. } => term.is_unknown() || other.is_unknown(),
            Self::Null { term, .. } => term.is_unknown(),
            Self::Exists(targets) => targets.is_unknown(),
            Self::Not(inner) | Self::Untrue(inner) => inner.is_unknown(),
            Self::All(list) | Self::Any(list) => list.iter().any(Self::is_unknown),
            Self::In { term, .. } | Self::Like { term, .. } | Self::Array { term, .. } => {
                term.is_unknown()
            }
            Self::Always | Self::Never | Self::TooDeep => false,
        }
    }
}

impl Targets {
    fn is_unknown(&self) -> bool {
        self.filter.is_unknown() || self.links.as_ref().is_some_and(|links| links.is_unknown())
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
    pub(crate) fn is_unknown(&self) -> bool {
        match self {
            Self::Field(_) => false,
            Self::RelationAggregate(computed) => {
                let is_of_unknown = match &computed.made {
                    Made::Of(Aggregate::Sum | Aggregate::Average, term, of) => {
                        matches!(of, ColumnType::Real | ColumnType::Double) || term.is_unknown()
                    }
                    Made::Of(_, term, _) => term.is_unknown(),
                    Made::Count => false,
                };
                is_of_unknown || computed.targets.is_unknown()
            }
            Self::Arithmetic(arithmetic) => {
                arithmetic.left.is_unknown() || arithmetic.right.is_unknown()
            }
            Self::OfLink(term) => term.is_unknown(),
            // The current time differs from one statement to the next.
            Self::Call(call) => {
                matches!(call.function, Function::Raw(_) | Function::Now)
                    || call.terms().any(Self::is_unknown)
                    || call.predicates().iter().any(Predicate::is_unknown)
            }
        }
    }
}
