//! Filters: which rows are meant.

mod list;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::column::IntoOperand;
use crate::expression::Calculation;
use crate::meta::{EntityDefinition, PropertyDefinition, RelationDefinition};
use crate::relation_aggregate::Computation;
use crate::value::{Parameter, Value};

pub(crate) use list::List;

/// Which rows of an entity are meant.
///
/// Columns make filters; `and`, `or` and `not` put them together.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, quantity: i32, open: bool }
/// let filter = Order::OPEN.eq(true).and(Order::QUANTITY.gt(2).or(Order::ID.is_in([1, 2, 3])));
/// let closed = !Order::OPEN.eq(true);
/// ```
#[must_use = "a filter does nothing until a query takes it"]
pub struct Filter<E> {
    pub(crate) predicate: Predicate,
    entity: PhantomData<fn() -> E>,
}

impl<E> Filter<E> {
    pub(crate) fn new(predicate: Predicate) -> Self {
        Self { predicate, entity: PhantomData }
    }

    /// A condition that `sea_query` builds, where this crate has no words for it.
    ///
    /// This is the way out: nothing checks that the columns are there or that the types fit, nor that
    /// a function which it calls leaves the session as it was.
    /// Where the query follows relations, their tables are there too, under names of their own,
    /// and may have columns of the same names.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # use relations::Filter;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32 }
    /// use relations::sea_query::{Expr, ExprTrait};
    ///
    /// let even = Filter::raw(Expr::col("quantity").modulo(2).eq(0));
    /// let query = Order::find().filter(even);
    /// ```
    pub fn raw(condition: sea_query::Expr) -> Self {
        Self::new(Predicate::Raw(Box::new(condition)))
    }

    pub(crate) fn compare<V: Value>(
        left: impl Into<Operand>,
        comparison: Comparison,
        right: impl IntoOperand<E, V>,
    ) -> Self {
        Self::new(Predicate::Compare(left.into(), comparison, right.into_operand()))
    }

    /// Both this and the other.
    pub fn and(self, other: Self) -> Self {
        Self::new(self.predicate.and(other.predicate))
    }

    /// This, the other, or both.
    pub fn or(self, other: Self) -> Self {
        Self::new(self.predicate.or(other.predicate))
    }
}

/// Not this, as in `!filter`.
impl<E> std::ops::Not for Filter<E> {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(self.predicate.not())
    }
}

impl<E> Clone for Filter<E> {
    fn clone(&self) -> Self {
        Self::new(self.predicate.clone())
    }
}

impl<E> fmt::Debug for Filter<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Filter").field(&self.predicate).finish()
    }
}

/// What narrows a query of `E`: a filter of its own columns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no filter of `{E}`",
    label = "this does not speak of `{E}`",
    note = "filter a query of `{E}` by the columns of `{E}`, as in `{E}::ID.eq(…)`"
)]
pub trait IntoFilter<E> {
    /// The filter.
    fn into_filter(self) -> Filter<E>;
}

#[diagnostic::do_not_recommend]
impl<E> IntoFilter<E> for Filter<E> {
    fn into_filter(self) -> Filter<E> {
        self
    }
}

/// A column, as filters and orders know it.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Field {
    /// The entity that the property is of.
    pub(crate) entity: &'static EntityDefinition,
    pub(crate) property: &'static PropertyDefinition,
    /// How to get from the queried entity to that of the property, where they are not one.
    pub(crate) path: Option<&'static Step>,
}

/// A relation to one on the way to a column, and the rest of the way.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub(crate) relation: &'static RelationDefinition,
    pub(crate) then: Option<&'static Step>,
}

impl Field {
    /// A column of the queried entity itself.
    pub(crate) fn of(
        entity: &'static EntityDefinition,
        property: &'static PropertyDefinition,
    ) -> Self {
        Self { entity, property, path: None }
    }

    /// The relations on the way to the column.
    pub(crate) fn relations(self) -> impl Iterator<Item = &'static RelationDefinition> {
        std::iter::successors(self.path, |step| step.then).map(|step| step.relation)
    }

    /// Whether there may be no value: the property is null, or a target on the way is not there.
    pub(crate) fn is_nullable(self) -> bool {
        self.property.nullable || self.relations().any(|relation| relation.optional)
    }
}

/// Whether both are one column, of queries of one entity.
impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        let names = |field: Self| field.relations().map(|relation| relation.name);
        self.property.name == other.property.name && names(*self).eq(names(*other))
    }
}

/// `Order.quantity`, or `Order.customer.name` where relations lead to the column.
impl fmt::Debug for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.path.map_or(self.entity.name, |step| step.relation.source);
        write!(formatter, "{start}")?;
        self.relations().try_for_each(|relation| write!(formatter, ".{}", relation.name))?;
        write!(formatter, ".{}", self.property.name)
    }
}

/// What each row has a value of: a column, something computed of its targets, or something
/// calculated of such.
#[doc(hidden)]
#[derive(Clone, PartialEq)]
pub enum Term {
    #[doc(hidden)]
    Field(Field),
    #[doc(hidden)]
    RelationAggregate(Arc<Computation>),
    #[doc(hidden)]
    Arithmetic(Arc<Calculation>),
}

impl fmt::Debug for Term {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(field) => field.fmt(formatter),
            Self::RelationAggregate(computation) => computation.fmt(formatter),
            Self::Arithmetic(calculation) => calculation.fmt(formatter),
        }
    }
}

impl Term {
    /// Whether the value may be null.
    pub(crate) fn is_nullable(&self) -> bool {
        match self {
            Self::Field(field) => field.is_nullable(),
            Self::RelationAggregate(computation) => computation.is_nullable(),
            Self::Arithmetic(calculation) => calculation.is_nullable(),
        }
    }

    /// Whether it is made of the targets of a row, by a subquery.
    pub(crate) fn asks_targets(&self) -> bool {
        match self {
            Self::Field(_) => false,
            Self::RelationAggregate(_) => true,
            Self::Arithmetic(calculation) => calculation.terms().any(Self::asks_targets),
        }
    }

    /// The column whose values these are, which says how values beside them are sent.
    pub(crate) fn column(&self) -> Option<Field> {
        match self {
            Self::Field(field) => Some(*field),
            Self::RelationAggregate(computation) => computation.column(),
            Self::Arithmetic(calculation) => calculation.column(),
        }
    }
}

/// One side of a comparison.
#[doc(hidden)]
#[derive(Clone, PartialEq)]
pub enum Operand {
    #[doc(hidden)]
    Term(Term),
    #[doc(hidden)]
    Parameter(Parameter),
}

impl fmt::Debug for Operand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Term(term) => term.fmt(formatter),
            Self::Parameter(parameter) => parameter.fmt(formatter),
        }
    }
}

impl From<Field> for Term {
    fn from(field: Field) -> Self {
        Self::Field(field)
    }
}

impl<T: Into<Term>> From<T> for Operand {
    fn from(term: T) -> Self {
        Self::Term(term.into())
    }
}

/// Some of the targets that each row has by a relation.
#[derive(Clone)]
pub(crate) struct Targets {
    pub(crate) relation: &'static RelationDefinition,
    /// Which of them, as a filter of their entity.
    pub(crate) filter: Predicate,
    /// How deep a condition on them is.
    depth: usize,
}

impl Targets {
    pub(crate) fn new(relation: &'static RelationDefinition, filter: Predicate) -> Self {
        let filter = filter.nested();
        Self { relation, depth: filter.depth() + SUBQUERY, filter }
    }
}

impl PartialEq for Targets {
    fn eq(&self, other: &Self) -> bool {
        let names = |targets: &Self| (targets.relation.source, targets.relation.name);
        names(self) == names(other) && self.filter == other.filter
    }
}

/// `Customer.orders`, or `Customer.orders(Order.quantity Greater …)`.
impl fmt::Debug for Targets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.relation.source, self.relation.name)?;
        match &self.filter {
            Predicate::Always => Ok(()),
            filter => write!(formatter, "({filter:?})"),
        }
    }
}

/// How two operands compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
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

/// How many conditions may stand in each other. Filters are walked through by recursion: here, where
/// SQL is written and where an engine reads it. Written without optimization a level takes 3 KiB of
/// stack, of which a thread has 2 MiB.
pub(crate) const DEEPEST: usize = 200;

/// How many conditions in each other weigh as much as a subquery, of which SQLite reads no more than
/// 20 to 30 in each other. PostgreSQL plans twice what stands in one that it cannot join.
const SUBQUERY: usize = 10;

/// What a filter says, before it is put into the SQL of an engine.
#[derive(Clone, PartialEq)]
pub(crate) enum Predicate {
    Always,
    Never,
    /// Stands for one that was nested deeper than can be walked through; it cannot be asked.
    TooDeep,
    Compare(Operand, Comparison, Operand),
    In {
        field: Field,
        values: Vec<Parameter>,
        negated: bool,
    },
    Like {
        field: Field,
        pattern: String,
        fold_case: bool,
    },
    Null {
        term: Term,
        negated: bool,
    },
    /// There are such targets.
    Exists(Box<Targets>),
    /// The answer is no, or there is none for a null.
    Untrue(Box<Predicate>),
    All(List),
    Any(List),
    Not(Box<Predicate>),
    Raw(Box<sea_query::Expr>),
}

/// Shows the columns and never the values, so that no log tells one by accident.
impl fmt::Debug for Predicate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => write!(formatter, "Always"),
            Self::Never => write!(formatter, "Never"),
            Self::TooDeep => write!(formatter, "TooDeep"),
            Self::Compare(left, comparison, right) => {
                write!(formatter, "{left:?} {comparison:?} {right:?}")
            }
            Self::In { field, values, negated } => {
                let not = if *negated { "not " } else { "" };
                write!(formatter, "{field:?} {not}in {} values", values.len())
            }
            Self::Like { field, fold_case, .. } => {
                let like = if *fold_case { "ilike" } else { "like" };
                write!(formatter, "{field:?} {like} …")
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
        match filter {
            Self::Never => Self::Never,
            filter => Self::Exists(Box::new(Targets::new(relation, filter))),
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
    fn nested(self) -> Self {
        if self.depth() < DEEPEST { self } else { Self::TooDeep }
    }

    /// How many values it is sent with, as far as it knows. It takes no time: lists know it.
    pub(crate) fn values_sent(&self) -> usize {
        let is_value = |operand: &Operand| usize::from(matches!(operand, Operand::Parameter(_)));
        match self {
            Self::All(list) | Self::Any(list) => list.values(),
            Self::Not(inner) | Self::Untrue(inner) => inner.values_sent(),
            Self::Exists(targets) => targets.filter.values_sent(),
            Self::Compare(left, _, right) => is_value(left) + is_value(right),
            Self::In { .. } | Self::Like { .. } => 1,
            Self::Always | Self::Never | Self::TooDeep | Self::Null { .. } | Self::Raw(_) => 0,
        }
    }

    /// How many conditions stand in each other. It takes no time: what can be nested knows it.
    fn depth(&self) -> usize {
        match self {
            Self::All(list) | Self::Any(list) => list.depth(),
            Self::Not(inner) | Self::Untrue(inner) => inner.depth() + 1,
            Self::Exists(targets) => targets.depth,
            Self::Compare(left, _, right) => left.depth().max(right.depth()),
            Self::Null { term, .. } => term.depth(),
            Self::Always
            | Self::Never
            | Self::TooDeep
            | Self::In { .. }
            | Self::Like { .. }
            | Self::Raw(_) => 1,
        }
    }
}

impl Operand {
    /// The column that it is a value of, if it is one's.
    pub(crate) fn column(&self) -> Option<Field> {
        match self {
            Self::Term(term) => term.column(),
            Self::Parameter(_) => None,
        }
    }

    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Term(term) => term.depth(),
            Self::Parameter(_) => 1,
        }
    }
}

impl Term {
    fn depth(&self) -> usize {
        match self {
            Self::Field(_) => 1,
            Self::RelationAggregate(computation) => computation.targets.depth,
            Self::Arithmetic(calculation) => calculation.depth,
        }
    }
}
