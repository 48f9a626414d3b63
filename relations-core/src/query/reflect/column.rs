//! Columns that are known at run time.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use crate::ast::aggregate::Aggregate;
use crate::ast::order::{Nulls, OrderBy, Reread};
use crate::ast::predicate::{Predicate, Targets};
use crate::ast::relation_aggregate::{Computation, Made};
use crate::ast::term::{Field, Operand, PathStep, Term};
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::definition::relation::RelationDefinition;
use crate::entity::Entity;
use crate::error::Result;
use crate::filter::Filter;
use crate::query::order::Ordering;
use crate::query::reflect::Comparison;
use crate::relation::Relation;
use crate::value::parameter::Parameter;
use crate::value::property::Property;
use crate::value::row::{Cell, Mismatch};

/// A value of each row of `E` that is known at run time: a column, a column of a target, or a number of
/// targets.
#[must_use = "a column does nothing until it is compared or ordered by"]
pub struct DynamicColumn<E> {
    term: Term,
    read: Option<Reread>,
    entity: PhantomData<fn() -> E>,
}

impl<E> Clone for DynamicColumn<E> {
    fn clone(&self) -> Self {
        Self { term: self.term.clone(), read: self.read, entity: PhantomData }
    }
}

impl<E> fmt::Debug for DynamicColumn<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("DynamicColumn").field(&self.term).finish()
    }
}

impl<E: Entity> DynamicColumn<E> {
    fn new(term: Term, column_type: ColumnType) -> Self {
        Self { term, read: reread(column_type), entity: PhantomData }
    }

    /// The column of a property of `E`.
    pub fn of(property: &'static PropertyDefinition) -> Self {
        let field = Field::of(E::DEFINITION, property);
        Self::new(field.into(), property.column_type)
    }

    /// The number of targets that a filter matches.
    pub fn count<R: Relation<Source = E>>(filter: Filter<R::Target>) -> Self {
        let targets = Targets::new(R::DEFINITION, filter.predicate);
        let counted = Computation { targets, made: Made::Count };
        Self::new(Term::RelationAggregate(Arc::new(counted)), ColumnType::BigInt)
    }

    /// A column of the only target of a source, among those that match a filter. `None` if the
    /// relation is to many, or if `column` is not a plain column.
    #[must_use]
    pub fn of_target<R: Relation<Source = E>>(
        column: &DynamicColumn<R::Target>,
        filter: Option<Filter<R::Target>>,
    ) -> Option<Self> {
        let Term::Field(field) = column.term else { return None };
        if R::DEFINITION.targets_many() {
            return None;
        }
        let column_type = field.property.column_type;
        let term = match filter {
            None => Field { path: Some(step(R::DEFINITION, field.path)), ..field }.into(),
            Some(filter) => {
                let targets = Targets::new(R::DEFINITION, filter.predicate);
                let made = Made::Of(Aggregate::Greatest, field.into(), column_type);
                Term::RelationAggregate(Arc::new(Computation { targets, made }))
            }
        };
        Some(Self::new(term, column_type))
    }

    /// Compares the column with a value.
    pub fn compare(&self, comparison: Comparison, value: Parameter) -> Filter<E> {
        let value = Operand::Parameter(value);
        Filter::new(Predicate::Compare(self.term.clone().into(), comparison, value))
    }

    /// Whether the column is one of several values; `None` of a number of targets.
    #[must_use]
    pub fn is_in(&self, values: Vec<Parameter>, negated: bool) -> Option<Filter<E>> {
        let term = self.field()?.into();
        Some(Filter::new(Predicate::In { term, values, negated }))
    }

    /// Whether a pattern matches the column; `None` if the column is not a text.
    #[must_use]
    pub fn like(&self, pattern: String, fold_case: bool) -> Option<Filter<E>> {
        let field = self.field().filter(|field| field.property.column_type == ColumnType::Text)?;
        Some(Filter::new(Predicate::Like { term: field.into(), pattern, fold_case }))
    }

    /// Whether the column is null, or not.
    pub fn is_null(&self, negated: bool) -> Filter<E> {
        Filter::new(Predicate::Null { term: self.term.clone(), negated })
    }

    /// Orders rows by the column; nulls are greatest.
    pub fn order(&self, descending: bool) -> Ordering<E> {
        let (term, nulls) = (self.term.clone(), Nulls::Greatest);
        Ordering::of(OrderBy { term, descending, nulls, read: self.read })
    }

    fn field(&self) -> Option<Field> {
        match self.term {
            Term::Field(field) => Some(field),
            _ => None,
        }
    }
}

/// The way over a relation to a column of a target. Each way is kept for as long as the program runs; they
/// are as many as the definitions of entities have, up to the depth that is asked for.
fn step(
    relation: &'static RelationDefinition,
    then: Option<&'static PathStep>,
) -> &'static PathStep {
    static STEPS: Mutex<Vec<&'static PathStep>> = Mutex::new(Vec::new());
    let mut steps = STEPS.lock().unwrap_or_else(PoisonError::into_inner);
    let address = |step: Option<&'static PathStep>| step.map(std::ptr::from_ref);
    let is_known = |one: &&&PathStep| {
        std::ptr::eq(one.relation, relation) && address(one.then) == address(then)
    };
    if let Some(step) = steps.iter().find(is_known) {
        return step;
    }
    let step: &'static PathStep = Box::leak(Box::new(PathStep { relation, then }));
    steps.push(step);
    step
}

/// The function that reads a value of a type to send it again.
fn reread(column_type: ColumnType) -> Option<Reread> {
    fn of<T: Property>(cell: Cell<'_>) -> Result<Parameter, Mismatch> {
        T::read_nullable(cell).map(T::into_nullable_parameter)
    }
    let read = match column_type {
        ColumnType::Boolean => of::<Option<bool>>,
        ColumnType::SmallInt => of::<Option<i16>>,
        ColumnType::Integer => of::<Option<i32>>,
        ColumnType::BigInt => of::<Option<i64>>,
        ColumnType::Real => of::<Option<f32>>,
        ColumnType::Double => of::<Option<f64>>,
        ColumnType::Bytes => of::<Option<Vec<u8>>>,
        #[cfg(feature = "uuid")]
        ColumnType::Uuid => of::<Option<uuid::Uuid>>,
        ColumnType::Array(_) | ColumnType::Range(_) | ColumnType::Interval => return None,
        // Those that are no texts are read as the text that the database casts them to.
        _ => of::<Option<String>>,
    };
    Some(Reread { read, column_type })
}
