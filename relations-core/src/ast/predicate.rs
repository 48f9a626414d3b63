//! Conditions on rows.

use std::fmt;
use std::sync::Arc;

use crate::ast::list::List;
use crate::ast::raw_sql::RawSql;
use crate::ast::term::{Operand, Term};
use crate::definition::relation::RelationDefinition;
use crate::definition::visible::Visible;
use crate::value::parameter::Parameter;

/// Some of the targets that each row has by a relation.
#[derive(Clone)]
pub(crate) struct Targets {
    pub(crate) relation: &'static RelationDefinition,
    /// Which of them, as a filter of their entity.
    pub(crate) filter: Predicate,
    /// Which links lead to them, as a filter of the link's entity, where not all do.
    pub(crate) links: Option<Arc<Predicate>>,
    /// Which of them are seen.
    pub(crate) visible: Visible,
    /// The depth of a condition on them.
    pub(crate) depth: usize,
}

impl Targets {
    pub(crate) fn new(relation: &'static RelationDefinition, filter: Predicate) -> Self {
        let filter = filter.nested();
        let visible = relation.visible();
        Self { relation, depth: filter.depth() + SUBQUERY, filter, links: None, visible }
    }

    /// These, to which only some links lead.
    pub(crate) fn linked_by(self, links: Option<Arc<Predicate>>) -> Self {
        let depth = links.as_ref().map_or(0, |links| links.depth() + SUBQUERY);
        Self { depth: self.depth.max(depth), links, ..self }
    }

    /// These, of which others are seen.
    pub(crate) fn seen(self, visible: Visible) -> Self {
        Self { visible, ..self }
    }
}

impl PartialEq for Targets {
    fn eq(&self, other: &Self) -> bool {
        let names = |targets: &Self| (targets.relation.source, targets.relation.name);
        names(self) == names(other)
            && self.filter == other.filter
            && self.links == other.links
            && self.visible == other.visible
    }
}

/// `Customer.orders`, or `Customer.orders(Order.quantity Greater …)`.
impl fmt::Debug for Targets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.relation.source, self.relation.name)?;
        if let Some(links) = &self.links {
            write!(formatter, "[{links:?}]")?;
        }
        match &self.filter {
            Predicate::Always => Ok(()),
            filter => write!(formatter, "({filter:?})"),
        }
    }
}

/// A comparison of two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "serde"), allow(unreachable_pub, reason = "only `reflect` shows it"))]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
}

impl Comparison {
    /// The comparison that holds with its sides exchanged.
    pub(crate) fn reversed(self) -> Self {
        match self {
            Self::Equal | Self::NotEqual => self,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
        }
    }
}

/// A comparison of two arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArrayOperator {
    /// The array holds all of the others.
    Contains,
    /// The array holds none but the others.
    IsContained,
    /// The array holds one of the others.
    Overlaps,
}

/// A comparison of a range with another one, or with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RangeOperator {
    /// The value is in the range.
    Holds,
    /// All values of the other range are in the range.
    Contains,
    /// All values of the range are in the other one.
    IsContained,
    /// Both have a value in common.
    Overlaps,
    /// Both have none in common, and there is none between them.
    IsAdjacent,
}

/// The greatest depth of a filter. Filters are walked through by recursion: here, when SQL is
/// written, and when an engine reads it. Written without optimization a level takes 3 KiB of
/// stack, of which a thread has 2 MiB.
pub(crate) const DEEPEST: usize = 200;

/// The depth that a subquery counts as. SQLite reads no more than 20 to 30 nested subqueries. PostgreSQL plans twice what stands in one that it cannot join.
pub(crate) const SUBQUERY: usize = 10;

/// A filter, before it is written as SQL.
#[derive(Clone, PartialEq)]
pub(crate) enum Predicate {
    Always,
    Never,
    /// Stands for one that was nested deeper than can be walked through; it cannot be asked.
    TooDeep,
    Compare(Operand, Comparison, Operand),
    In {
        term: Term,
        values: Vec<Parameter>,
        negated: bool,
    },
    Like {
        term: Term,
        pattern: String,
        fold_case: bool,
    },
    Null {
        term: Term,
        negated: bool,
    },
    /// A comparison of an array with another one.
    Array {
        term: Term,
        operator: ArrayOperator,
        elements: Parameter,
    },
    /// A comparison of a range with another one, or with a value.
    Range {
        term: Term,
        operator: RangeOperator,
        other: Operand,
    },
    /// There are such targets.
    Exists(Box<Targets>),
    /// The answer is no, or there is none for a null.
    Untrue(Box<Predicate>),
    All(List),
    Any(List),
    Not(Box<Predicate>),
    Raw(Box<RawSql>),
}

/// Shows the columns and never the values, so that no log shows one by accident.
impl fmt::Debug for Predicate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => write!(formatter, "Always"),
            Self::Never => write!(formatter, "Never"),
            Self::TooDeep => write!(formatter, "TooDeep"),
            Self::Compare(left, comparison, right) => {
                write!(formatter, "{left:?} {comparison:?} {right:?}")
            }
            Self::In { term, values, negated } => {
                let not = if *negated { "not " } else { "" };
                write!(formatter, "{term:?} {not}in {} values", values.len())
            }
            Self::Like { term, fold_case, .. } => {
                let like = if *fold_case { "ilike" } else { "like" };
                write!(formatter, "{term:?} {like} …")
            }
            Self::Array { term, operator, .. } => write!(formatter, "{term:?} {operator:?} …"),
            Self::Range { term, operator, other } => {
                write!(formatter, "{term:?} {operator:?} {other:?}")
            }
            Self::Null { term, negated } => {
                let not = if *negated { "not " } else { "" };
                write!(formatter, "{term:?} is {not}null")
            }
            Self::Exists(targets) => write!(formatter, "any {targets:?}"),
            Self::Untrue(inner) => formatter.debug_tuple("Untrue").field(inner).finish(),
            Self::All(all) => formatter.debug_tuple("All").field(all).finish(),
            Self::Any(any) => formatter.debug_tuple("Any").field(any).finish(),
            Self::Not(inner) => formatter.debug_tuple("Not").field(inner).finish(),
            Self::Raw(_) => write!(formatter, "Raw(…)"),
        }
    }
}

impl Predicate {
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::Always, only) | (only, Self::Always) => only,
            (Self::All(all), Self::All(more)) => Self::All(all.and_then(more)),
            (Self::All(all), one) => Self::All(all.and_then(List::of(one))),
            (one, Self::All(more)) => Self::All(List::of(one).and_then(more)),
            (one, other) => Self::All(List::of(one).and_then(List::of(other))),
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, _) | (_, Self::Always) => Self::Always,
            (Self::Never, only) | (only, Self::Never) => only,
            (Self::Any(any), Self::Any(more)) => Self::Any(any.and_then(more)),
            (Self::Any(any), one) => Self::Any(any.and_then(List::of(one))),
            (one, Self::Any(more)) => Self::Any(List::of(one).and_then(more)),
            (one, other) => Self::Any(List::of(one).and_then(List::of(other))),
        }
    }

    /// Whether there are targets for which a filter holds.
    pub(crate) fn exists(relation: &'static RelationDefinition, filter: Self) -> Self {
        Self::exists_by(relation, filter, None)
    }

    /// Whether there are targets for which a filter holds, to which such links lead.
    pub(crate) fn exists_by(
        relation: &'static RelationDefinition,
        filter: Self,
        links: Option<Arc<Self>>,
    ) -> Self {
        match filter {
            Self::Never => Self::Never,
            filter => Self::Exists(Box::new(Targets::new(relation, filter).linked_by(links))),
        }
    }

    /// Whether this does not hold, a null being a no.
    pub(crate) fn untrue(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            other => Self::Untrue(Box::new(other.nested())),
        }
    }

    pub(crate) fn not(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other.nested())),
        }
    }

    /// This, as a part of another one, unless it is too deep for that.
    pub(crate) fn nested(self) -> Self {
        if self.depth() < DEEPEST { self } else { Self::TooDeep }
    }

    /// The number of its values, as far as it knows. It takes no time: lists know it.
    pub(crate) fn values_sent(&self) -> usize {
        let is_value = |operand: &Operand| usize::from(matches!(operand, Operand::Parameter(_)));
        match self {
            Self::All(list) | Self::Any(list) => list.values(),
            Self::Not(inner) | Self::Untrue(inner) => inner.values_sent(),
            Self::Exists(targets) => {
                let links = targets.links.as_ref().map_or(0, |links| links.values_sent());
                targets.filter.values_sent() + links
            }
            Self::Compare(left, _, right) => is_value(left) + is_value(right),
            Self::Range { other, .. } => is_value(other),
            Self::In { .. } | Self::Like { .. } | Self::Array { .. } => 1,
            Self::Raw(condition) => condition.values.len(),
            Self::Always | Self::Never | Self::TooDeep | Self::Null { .. } => 0,
        }
    }

    /// The depth of the filter. It takes no time: nested filters know theirs.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::All(list) | Self::Any(list) => list.depth(),
            Self::Not(inner) | Self::Untrue(inner) => inner.depth() + 1,
            Self::Exists(targets) => targets.depth,
            Self::Compare(left, _, right) => left.depth().max(right.depth()),
            Self::Range { term, other, .. } => term.depth().max(other.depth()),
            Self::Null { term, .. }
            | Self::In { term, .. }
            | Self::Like { term, .. }
            | Self::Array { term, .. } => term.depth(),
            Self::Always | Self::Never | Self::TooDeep | Self::Raw(_) => 1,
        }
    }
}
