//! Expressions of the columns of each row, aggregates of the rows of a group, and the bounds of filters.
//!
//! [`Order::PRICE * Order::QUANTITY`](Expression) calculates, [`coalesce`], [`concat()`] and [`case`] choose
//! and join, [`date_trunc`] and intervals such as [`days`] deal with time, and [`sql_expr`] takes SQL of your
//! own. Columns and expressions have further functions as methods, as
//! [`lower`](Expression::lower), [`cast`](Expression::cast) and [`year`](Expression::year).
//! Each can be filtered by, ordered by, selected, grouped by and written with
//! [`set_expr`](crate::Query::set_expr), on both engines alike.
//!
//! [`count()`] and the methods [`sum`](Expression::sum), [`min`](Expression::min) and so on make one value
//! of the rows of each group of a [`group_by`](crate::Query::group_by).

pub(crate) mod aggregate;
pub(crate) mod arrays;
pub(crate) mod calendar;
pub(crate) mod case;
pub(crate) mod cast;
pub(crate) mod contains;
pub(crate) mod functions;
pub(crate) mod intervals;
#[cfg(feature = "json")]
pub(crate) mod json;
pub(crate) mod named;
pub(crate) mod operand;
pub(crate) mod operators;
pub(crate) mod ranges;
pub(crate) mod sql_expression;

pub use crate::ast::call::DateUnit;
pub use crate::column::{IntoOperand, Text};
pub use crate::expression::aggregate::{Groups, count};
pub use crate::expression::calendar::{
    Dated, Now, Timed, date_trunc, days, hours, minutes, months, now, seconds, weeks, years,
};
pub use crate::expression::case::{Case, CaseStart, case};
pub use crate::expression::cast::CastTo;
pub use crate::expression::contains::{Contains, Overlaps, RangeOperand};
pub use crate::expression::functions::{Texts, coalesce, concat};
#[cfg(feature = "json")]
pub use crate::expression::json::{JsonKey, JsonValue};
pub use crate::expression::named::Named;
pub use crate::expression::operand::{RowValue, ValueOf};
pub use crate::expression::operators::{Added, Beside, Combined, Integer, Number, Scaled};
pub use crate::expression::sql_expression::{SqlExpression, SqlOrdering, sql_expr};
pub use crate::filter::IntoFilter;
pub use crate::relation_aggregate::{Count, RelationAggregate};
pub use crate::value::types::interval::Interval;

use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;
use std::sync::Arc;

use crate::ast::call::{Call, Function};
use crate::ast::predicate::{Comparison, DEEPEST, Predicate};
use crate::ast::term::{Operand, Term};
use crate::column::{Column, escape, type_name};
use crate::definition::entity::EntityDefinition;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::query::change::IntoProperty;
use crate::query::order::Ordering;
use crate::query::projection::{Selection, next};
use crate::relation::Relation;
use crate::relation::path::Path;
use crate::relation_aggregate::computed;
use crate::value::parameter::Parameter;
use crate::value::property::Property;
use crate::value::row::Row;
use crate::value::{IntoValue, Value};

/// The reason why an expression that would not fit the stack is not sent.
const TOO_DEEP: &str =
    "more than 200 calculations stand in each other; calculate parts of them beforehand";

/// A value `T` computed from the columns of each row of `E`, such as `Order::PRICE * Order::QUANTITY`, or
/// from the rows of each group, if `E` is [`Groups`].
///
/// `+`, `-`, `*` and `/` take columns, expressions and values of the same type, or of two types of which
/// one holds all values of the other: `i32` with `i64`, an integer with a `Decimal`. If an operand is
/// null, so is the result, and its type is an `Option` if one of theirs is. The result can be written,
/// compared, ordered by, grouped by and selected.
///
/// Integer division truncates, as in Rust. A result that does not fit its type, or a division by
/// zero, is an error of the database, on either engine.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Line { #[id] id: i64, price: i64, quantity: i64, discount: Option<i64> }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let total = Line::PRICE * Line::QUANTITY;
/// let large = Line::find().filter(total.clone().gt(1_000)).order_by(total.desc()).all(db).await?;
/// let left: Vec<Option<i64>> = Line::find().select(Line::PRICE - Line::DISCOUNT).all(db).await?;
/// Line::find_by_id(7).set_expr(Line::PRICE, Line::PRICE * 2).update(db).await?;
/// # Ok(())
/// # }
/// ```
///
/// Values of another type do not compile:
///
/// ```compile_fail
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Line { #[id] id: i64, price: i64 }
/// Line::PRICE * 1.5;
/// ```
#[must_use = "a value does nothing until a query takes it"]
pub struct Expression<E, T> {
    pub(crate) term: Term,
    rows: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Clone for Expression<E, T> {
    fn clone(&self) -> Self {
        Self { term: self.term.clone(), rows: PhantomData }
    }
}

impl<E, T> fmt::Debug for Expression<E, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Expression").field(&self.term).finish()
    }
}

impl<E, T> Expression<E, T> {
    pub(crate) fn new(term: Term) -> Self {
        Self { term, rows: PhantomData }
    }

    fn term(&self) -> Term {
        self.term.clone()
    }
}

impl<E, T: Property> Expression<E, T> {
    /// The result of a function.
    pub(crate) fn call(function: Function, arguments: Vec<Operand>) -> Self {
        let mut call = Call {
            function,
            arguments,
            result: <T::Value as Value>::TYPE,
            nullable: T::NULLABLE,
            depth: 1,
        };
        let arguments = call.arguments.iter().map(Operand::depth);
        let conditions = call.predicates().iter().map(Predicate::depth);
        call.depth = arguments.chain(conditions).max().unwrap_or_default() + 1;
        if call.depth > DEEPEST {
            return Self::invalid(TOO_DEEP);
        }
        Self::new(Term::Call(Arc::new(call)))
    }

    /// An expression that cannot be sent; the query returns the error.
    pub(crate) fn invalid(why: &str) -> Self {
        let arguments = vec![Operand::Parameter(Parameter::invalid(why))];
        Self::call(Function::Coalesce, arguments)
    }
}

impl<E, V: Value> Expression<E, Option<V>> {
    /// Whether the value is null, as it is if an operand is null.
    pub fn is_null(self) -> Filter<E> {
        Filter::new(Predicate::Null { term: self.term, negated: false })
    }

    /// Whether there is a value.
    pub fn is_not_null(self) -> Filter<E> {
        Filter::new(Predicate::Null { term: self.term, negated: true })
    }
}

impl<E, T: Text> Expression<E, T> {
    fn matches(self, pattern: String, fold_case: bool) -> Filter<E> {
        Filter::new(Predicate::Like { term: self.term, pattern, fold_case })
    }

    /// Whether the text matches a pattern; see [`Column::like`].
    pub fn like(self, pattern: impl Into<String>) -> Filter<E> {
        self.matches(pattern.into(), false)
    }

    /// Like [`like`](Self::like), but case-insensitive.
    pub fn ilike(self, pattern: impl Into<String>) -> Filter<E> {
        self.matches(pattern.into(), true)
    }

    /// Whether the text starts with another, taken literally.
    pub fn starts_with(self, start: impl AsRef<str>) -> Filter<E> {
        self.like(escape(start.as_ref()) + "%")
    }

    /// Whether the text ends with another, taken literally.
    pub fn ends_with(self, end: impl AsRef<str>) -> Filter<E> {
        self.like(format!("%{}", escape(end.as_ref())))
    }

    /// Whether the text contains another, taken literally.
    pub fn contains(self, part: impl AsRef<str>) -> Filter<E> {
        self.like(format!("%{}%", escape(part.as_ref())))
    }
}

computed!(Expression<E, T>, E, T, T::Value, E, T: Property);

/// A column of the rows beside an aggregate of their groups.
#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property> IntoOperand<Groups<E>, T::Value> for Expression<E, T> {
    type Type = T;

    fn into_operand(self) -> Operand {
        Operand::Term(self.term)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property, P: Path> IntoOperand<Groups<E>, T::Value> for Column<E, T, P> {
    type Type = T;

    fn into_operand(self) -> Operand {
        self.field().into()
    }
}

#[diagnostic::do_not_recommend]
impl<E, T: Property> Selection<E> for Expression<E, T> {
    type Output = T;

    fn terms(&self) -> Vec<Term> {
        vec![self.term()]
    }

    fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<T> {
        read(&self.term, row, at)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property> Selection<Groups<E>> for Expression<E, T> {
    type Output = T;

    fn terms(&self) -> Vec<Term> {
        vec![self.term()]
    }

    fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<T> {
        read(&self.term, row, at)
    }
}

/// The value of a term in a row, at a position that moves on.
pub(crate) fn read<T: Property>(term: &Term, row: &Row<'_>, at: &mut usize) -> Result<T> {
    row.read(next(at), T::read_nullable).map_err(|mismatch| {
        let of = term.column().map(|field| field.property);
        let (name, column) = of.map_or(("value", "value"), |of| (of.name, of.column));
        let error = Error::row(name, column, &type_name::<T>(), mismatch);
        match entity_of(term) {
            Some(entity) => error.entity_is(entity),
            None => error,
        }
    })
}

/// An entity that a value is made of a column of.
fn entity_of(term: &Term) -> Option<&'static EntityDefinition> {
    match term {
        Term::Field(field) => Some(field.entity),
        Term::RelationAggregate(computation) => computation.column().map(|field| field.entity),
        Term::Arithmetic(calculation) => calculation.terms().find_map(entity_of),
        Term::Call(call) => call.terms().find_map(entity_of),
        Term::OfLink(term) => entity_of(term),
    }
}

/// A source that a column of `T` can be set to beside values: another column of the same entity, or an
/// expression or aggregate of the row.
#[diagnostic::on_unimplemented(
    message = "a column of `{T}` cannot be set to a `{Self}`",
    label = "expected a column of `{E}` that holds a `{T}`, or what is calculated of such",
    note = "a value is set with `.set(…)`; what may be null only fits a column that may be, too"
)]
pub trait IntoExpression<E, T: Property> {
    /// The expression.
    #[doc(hidden)]
    fn into_new_value(self) -> Term;
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property, U: Property + IntoProperty<T>, P: Path> IntoExpression<E, T>
    for Column<E, U, P>
{
    fn into_new_value(self) -> Term {
        self.field().into()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property, U: Property + IntoProperty<T>> IntoExpression<E, T>
    for Expression<E, U>
{
    fn into_new_value(self) -> Term {
        self.term()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property, U: Property + IntoProperty<T>> IntoExpression<E, T>
    for RelationAggregate<E, U>
{
    fn into_new_value(self) -> Term {
        self.term()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Property, R: Relation> IntoExpression<R::Source, T> for Count<R>
where
    i64: IntoProperty<T>,
{
    fn into_new_value(self) -> Term {
        self.term()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property, U: Property + IntoProperty<T>> IntoExpression<E, T>
    for SqlExpression<U>
{
    fn into_new_value(self) -> Term {
        self.term()
    }
}
