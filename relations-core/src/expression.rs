//! Arithmetic with columns, counts and aggregates of related rows, and the bounds of filters.

pub use crate::column::{IntoOperand, Text};
pub use crate::filter::IntoFilter;
pub use crate::relation_aggregate::{Count, RelationAggregate};

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Add, Div, Mul, Sub};
use std::sync::Arc;

use crate::ast::arithmetic::{Calculation, Operator};
use crate::ast::predicate::{Comparison, DEEPEST, Predicate};
use crate::ast::term::{Operand, Term};
use crate::column::{Column, type_name};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::query::change::IntoProperty;
use crate::query::order::Ordering;
use crate::query::projection::{Selection, next};
use crate::relation::Relation;
use crate::relation::path::OfRow;
use crate::relation_aggregate::computed;
use crate::value::Value;
use crate::value::parameter::Parameter;
use crate::value::property::Property;
use crate::value::row::Row;

/// A value that can be calculated with: an integer, a float or a decimal, or a newtype of one that
/// derives [`Value`].
#[diagnostic::on_unimplemented(
    message = "values of `{Self}` cannot be calculated with",
    label = "calculations are of integers, floats and decimals"
)]
pub trait Number {}

impl Number for i16 {}

impl Number for i32 {}

impl Number for i64 {}

impl Number for f32 {}

impl Number for f64 {}

#[cfg(feature = "rust_decimal")]
impl Number for rust_decimal::Decimal {}

/// The reason why a calculation that would not fit the stack is not sent.
const TOO_DEEP: &str =
    "more than 200 calculations stand in each other; calculate parts of them beforehand";

/// A value `T` calculated of the columns of each row of `E`, as `Order::PRICE * Order::QUANTITY`.
///
/// Columns are added, subtracted, multiplied and divided with `+`, `-`, `*` and `/`, by values of
/// their type and by other columns of it. If one of them may be null, so may be the result, which
/// is null where one of them is. The result can be written, compared, ordered by and
/// selected.
///
/// Integers are divided as in Rust, without the rest. A result that does not fit its type, or a
/// division by zero, is an error of the database, on either engine.
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
    calculation: Arc<Calculation>,
    entity: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Clone for Expression<E, T> {
    fn clone(&self) -> Self {
        Self { calculation: Arc::clone(&self.calculation), entity: PhantomData }
    }
}

impl<E, T> fmt::Debug for Expression<E, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Expression").field(&self.calculation).finish()
    }
}

impl<E, T> Expression<E, T> {
    fn term(&self) -> Term {
        Term::Arithmetic(Arc::clone(&self.calculation))
    }
}

impl<E, T: Property> Expression<E, T> {
    fn of(left: Operand, operator: Operator, right: Operand) -> Self {
        let number = <T::Value as Value>::TYPE;
        let depth = left.depth().max(right.depth()) + 1;
        let calculation = if depth <= DEEPEST {
            Calculation { left, operator, right, number, depth }
        } else {
            // The query returns the error.
            let too_deep = || Operand::Parameter(Parameter::invalid(TOO_DEEP));
            Calculation { left: too_deep(), operator, right: too_deep(), number, depth: 1 }
        };
        Self { calculation: Arc::new(calculation), entity: PhantomData }
    }
}

impl<E: Entity, V: Value> Expression<E, Option<V>> {
    /// Whether there is no value, since a column that it is calculated of is null.
    pub fn is_null(self) -> Filter<E> {
        Filter::new(Predicate::Null { term: self.term(), negated: false })
    }

    /// Whether there is a value.
    pub fn is_not_null(self) -> Filter<E> {
        Filter::new(Predicate::Null { term: self.term(), negated: true })
    }
}

computed!(Expression<E, T>, E, T, T::Value, E: Entity, T: Property);

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property> Selection<E> for Expression<E, T> {
    type Output = T;

    fn terms(&self) -> Vec<Term> {
        vec![self.term()]
    }

    fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<T> {
        row.cell(next(at)).and_then(T::read_nullable).map_err(|mismatch| {
            let of = self.calculation.column().map(|field| field.property);
            let (name, column) = of.map_or(("value", "value"), |of| (of.name, of.column));
            Error::row(name, column, &type_name::<T>(), mismatch).entity_is(E::DEFINITION)
        })
    }
}

/// The result type of two numbers of one type: nullable if one of them is.
pub trait Combined<T> {
    /// The result.
    type Result: Property;
}

#[diagnostic::do_not_recommend]
impl<V: Value> Combined<V> for V {
    type Result = V;
}

#[diagnostic::do_not_recommend]
impl<V: Value> Combined<Option<V>> for V {
    type Result = Option<V>;
}

#[diagnostic::do_not_recommend]
impl<V: Value> Combined<V> for Option<V> {
    type Result = Option<V>;
}

#[diagnostic::do_not_recommend]
impl<V: Value> Combined<Option<V>> for Option<V> {
    type Result = Option<V>;
}

/// An operand beside a column of `T` in a calculation: a value of its type, or a column or
/// another calculation of the same entity that has that type.
#[diagnostic::on_unimplemented(
    message = "a column of `{T}` cannot be calculated with a `{Self}`",
    label = "expected a value of the column's type, or a column of `{E}` that has it"
)]
pub trait Beside<E, T> {
    /// The type of the result.
    type Result: Property;

    /// The operand.
    #[doc(hidden)]
    fn into_operand(self) -> Operand;
}

#[diagnostic::do_not_recommend]
impl<E: Entity, V: Value + Number> Beside<E, V> for V {
    type Result = V;

    fn into_operand(self) -> Operand {
        Operand::Parameter(Value::to_parameter(&self))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, V: Value + Number> Beside<E, Option<V>> for V {
    type Result = Option<V>;

    fn into_operand(self) -> Operand {
        Operand::Parameter(Value::to_parameter(&self))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T, U: Property + Combined<T>, P: OfRow> Beside<E, T> for Column<E, U, P> {
    type Result = U::Result;

    fn into_operand(self) -> Operand {
        self.field().into()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T, U: Property + Combined<T>> Beside<E, T> for Expression<E, U> {
    type Result = U::Result;

    fn into_operand(self) -> Operand {
        self.term().into()
    }
}

macro_rules! operators {
    ($($operator:ident, $method:ident, $kind:ident;)+) => {
        $(
            impl<E: Entity, T: Property<Value: Number>, R: Beside<E, T>, P: OfRow> $operator<R>
                for Column<E, T, P>
            {
                type Output = Expression<E, R::Result>;

                fn $method(self, other: R) -> Self::Output {
                    Expression::of(self.field().into(), Operator::$kind, other.into_operand())
                }
            }

            impl<E: Entity, T: Property<Value: Number>, R: Beside<E, T>> $operator<R>
                for Expression<E, T>
            {
                type Output = Expression<E, R::Result>;

                fn $method(self, other: R) -> Self::Output {
                    Expression::of(self.term().into(), Operator::$kind, other.into_operand())
                }
            }
        )+
    };
}

operators! {
    Add, add, Add;
    Sub, sub, Subtract;
    Mul, mul, Multiply;
    Div, div, Divide;
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
    fn into_term(self) -> Term;
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property, U: Property + IntoProperty<T>, P: OfRow> IntoExpression<E, T>
    for Column<E, U, P>
{
    fn into_term(self) -> Term {
        self.field().into()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property, U: Property + IntoProperty<T>> IntoExpression<E, T>
    for Expression<E, U>
{
    fn into_term(self) -> Term {
        self.term()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property, U: Property + IntoProperty<T>> IntoExpression<E, T>
    for RelationAggregate<E, U>
{
    fn into_term(self) -> Term {
        self.term()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Property, R: Relation> IntoExpression<R::Source, T> for Count<R>
where
    i64: IntoProperty<T>,
{
    fn into_term(self) -> Term {
        self.term()
    }
}
