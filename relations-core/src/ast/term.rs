//! Columns, computed values and parameters: the operands of conditions and orders.

use std::fmt;
use std::sync::Arc;

use crate::ast::arithmetic::Calculation;
use crate::ast::call::{Call, Function};
use crate::ast::relation_aggregate::Computation;
use crate::definition::entity::EntityDefinition;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::definition::relation::RelationDefinition;
use crate::value::parameter::Parameter;

/// A column, as filters and orders know it.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Field {
    /// The entity that the property is of.
    pub(crate) entity: &'static EntityDefinition,
    pub(crate) property: &'static PropertyDefinition,
    /// The relations from the queried entity to that of the property; `None` if both are one.
    pub(crate) path: Option<&'static PathStep>,
    /// Whether it is of the new row of an upsert, and not of the row that is there.
    pub(crate) excluded: bool,
}

/// A relation to one on the way to a column, and the rest of the way.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct PathStep {
    pub(crate) relation: &'static RelationDefinition,
    pub(crate) then: Option<&'static PathStep>,
}

impl Field {
    /// A column of the queried entity itself.
    pub(crate) fn of(
        entity: &'static EntityDefinition,
        property: &'static PropertyDefinition,
    ) -> Self {
        Self { entity, property, path: None, excluded: false }
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
        self.property.name == other.property.name
            && self.excluded == other.excluded
            && names(*self).eq(names(*other))
    }
}

/// `Order.quantity`, or `Order.customer.name` where relations lead to the column.
impl fmt::Debug for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.path.map_or(self.entity.name, |step| step.relation.source);
        write!(formatter, "{start}")?;
        self.relations().try_for_each(|relation| write!(formatter, ".{}", relation.name))?;
        let excluded = if self.excluded { ".excluded" } else { "" };
        write!(formatter, ".{}{excluded}", self.property.name)
    }
}

/// A value of each row: a column, an aggregate of its targets, or a calculation or a function of such; or
/// one of each group of rows.
#[doc(hidden)]
#[derive(Clone, PartialEq)]
pub enum Term {
    #[doc(hidden)]
    Field(Field),
    #[doc(hidden)]
    RelationAggregate(Arc<Computation>),
    #[doc(hidden)]
    Arithmetic(Arc<Calculation>),
    #[doc(hidden)]
    Call(Arc<Call>),
    /// A value of the link that leads to the row, where a relation goes through one.
    #[doc(hidden)]
    OfLink(Arc<Term>),
}

impl fmt::Debug for Term {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(field) => field.fmt(formatter),
            Self::RelationAggregate(computation) => computation.fmt(formatter),
            Self::Arithmetic(calculation) => calculation.fmt(formatter),
            Self::Call(call) => call.fmt(formatter),
            Self::OfLink(term) => term.fmt(formatter),
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
            Self::Call(call) => call.nullable,
            Self::OfLink(term) => term.is_nullable(),
        }
    }

    /// Whether it is made of other rows than the row itself.
    pub(crate) fn asks_targets(&self) -> bool {
        match self {
            Self::Field(field) => field.path.is_some(),
            Self::RelationAggregate(_) | Self::OfLink(_) => true,
            Self::Arithmetic(calculation) => calculation.terms().any(Self::asks_targets),
            Self::Call(call) => {
                // Conditions, and SQL of the user's own, may ask anything.
                !call.predicates().is_empty()
                    || matches!(call.function, Function::Raw(_))
                    || call.terms().any(Self::asks_targets)
            }
        }
    }

    /// Whether a value is sent with it, or a subquery written, so that no engine sees that two of it are
    /// equal.
    pub(crate) fn holds_values(&self) -> bool {
        match self {
            Self::Field(_) => false,
            Self::RelationAggregate(_) => true,
            Self::Arithmetic(calculation) => calculation.holds_values(),
            Self::Call(call) => call.holds_values(),
            Self::OfLink(term) => term.holds_values(),
        }
    }

    /// The type of the value.
    pub(crate) fn column_type(&self) -> ColumnType {
        match self {
            Self::Field(field) => field.property.column_type,
            Self::RelationAggregate(computation) => computation.column_type(),
            Self::Arithmetic(calculation) => calculation.number,
            Self::Call(call) => call.result,
            Self::OfLink(term) => term.column_type(),
        }
    }

    /// The column whose values these are, which says how values beside them are sent.
    pub(crate) fn column(&self) -> Option<Field> {
        match self {
            Self::Field(field) => Some(*field),
            Self::RelationAggregate(computation) => computation.column(),
            Self::Arithmetic(calculation) => calculation.column(),
            Self::Call(call) => call.column(),
            Self::OfLink(term) => term.column(),
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
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Field(_) => 1,
            Self::RelationAggregate(computation) => computation.targets.depth,
            Self::Arithmetic(calculation) => calculation.depth,
            Self::Call(call) => call.depth,
            Self::OfLink(term) => term.depth(),
        }
    }
}
