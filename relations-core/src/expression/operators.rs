//! Arithmetic with columns and expressions.

use std::ops::{Add, Div, Mul, Sub};
use std::sync::Arc;

use crate::ast::arithmetic::{Calculation, Operator};
use crate::ast::predicate::DEEPEST;
use crate::ast::term::{Operand, Term};
use crate::column::Column;
use crate::entity::Entity;
use crate::expression::{
    Count, Expression, Groups, RelationAggregate, RowValue, SqlExpression, TOO_DEEP,
};
use crate::relation::Relation;
use crate::relation::path::Path;
use crate::value::Value;
use crate::value::property::Property;

/// A value that can be calculated with: an integer, a float or a decimal, or a newtype of one that
/// derives [`Value`]. A result that an unsigned integer does not hold violates the CHECK of its column where it
/// is written, and is an error where it is read.
#[diagnostic::on_unimplemented(
    message = "values of `{Self}` cannot be calculated with",
    label = "calculations are of integers, floats and decimals"
)]
pub trait Number {}

impl Number for i16 {}

impl Number for i32 {}

impl Number for i64 {}

impl Number for u8 {}

impl Number for u16 {}

impl Number for u32 {}

impl Number for u64 {}

impl Number for f32 {}

impl Number for f64 {}

#[cfg(feature = "rust_decimal")]
impl Number for rust_decimal::Decimal {}

/// The result type of two numbers, of one type or of two of which one holds the other's values: nullable if one
/// of them is.
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

macro_rules! combined {
    ($($left:ty, $right:ty => $result:ty;)+) => {
        $(
            #[diagnostic::do_not_recommend]
            impl Combined<$right> for $left {
                type Result = $result;
            }

            #[diagnostic::do_not_recommend]
            impl Combined<Option<$right>> for $left {
                type Result = Option<$result>;
            }

            #[diagnostic::do_not_recommend]
            impl Combined<$right> for Option<$left> {
                type Result = Option<$result>;
            }

            #[diagnostic::do_not_recommend]
            impl Combined<Option<$right>> for Option<$left> {
                type Result = Option<$result>;
            }
        )+
    };
}

combined! {
    i16, i32 => i32;
    i32, i16 => i32;
    i16, i64 => i64;
    i64, i16 => i64;
    i32, i64 => i64;
    i64, i32 => i64;
    i16, f64 => f64;
    f64, i16 => f64;
    i32, f64 => f64;
    f64, i32 => f64;
    f32, f64 => f64;
    f64, f32 => f64;
}

#[cfg(feature = "rust_decimal")]
combined! {
    i16, rust_decimal::Decimal => rust_decimal::Decimal;
    rust_decimal::Decimal, i16 => rust_decimal::Decimal;
    i32, rust_decimal::Decimal => rust_decimal::Decimal;
    rust_decimal::Decimal, i32 => rust_decimal::Decimal;
    i64, rust_decimal::Decimal => rust_decimal::Decimal;
    rust_decimal::Decimal, i64 => rust_decimal::Decimal;
}

/// An integer, which may stand beside a `Decimal`.
pub trait Integer: Value {}

impl Integer for i16 {}

impl Integer for i32 {}

impl Integer for i64 {}

/// The operators `+` and `-`, which also take an [`Interval`](crate::expression::Interval) and other lengths of
/// time.
#[derive(Debug, Clone, Copy)]
pub struct Added;

/// The operators `*` and `/`.
#[derive(Debug, Clone, Copy)]
pub struct Scaled;

/// An operand beside a column of `T` in a calculation: a value of its type, or a column or
/// another calculation of the same entity that has that type, or one whose values it holds. Beside a date or a time,
/// an [`Interval`](crate::expression::Interval) or another length of time, or a column of these.
#[diagnostic::on_unimplemented(
    message = "a column of `{T}` cannot be calculated with a `{Self}`",
    label = "expected a value of the column's type, or a column of `{E}` that has it",
    note = "integers, floats and decimals are calculated with, beside numbers that lose nothing in the \
            other's type; `.cast::<…>()` makes another one; an interval as `days(7)` is added to dates"
)]
pub trait Beside<E, T, O> {
    /// The type of the result.
    type Result: Property;

    /// The calculation with this on the right.
    #[doc(hidden)]
    fn calculated(self, left: Term, operator: Operator) -> Expression<E, Self::Result>;
}

/// A calculation of two numbers.
fn calculation<E, T: Property>(
    left: Operand,
    operator: Operator,
    right: Operand,
) -> Expression<E, T> {
    let depth = left.depth().max(right.depth()) + 1;
    if depth > DEEPEST {
        return Expression::invalid(TOO_DEEP);
    }
    let number = <T::Value as Value>::TYPE;
    let calculation = Calculation { left, operator, right, number, depth };
    Expression::new(Term::Arithmetic(Arc::new(calculation)))
}

fn value<V: Value>(value: &V) -> Operand {
    Operand::Parameter(Value::to_parameter(value))
}

#[diagnostic::do_not_recommend]
impl<E, V: Value + Number, O> Beside<E, V, O> for V {
    type Result = V;

    fn calculated(self, left: Term, operator: Operator) -> Expression<E, V> {
        calculation(left.into(), operator, value(&self))
    }
}

#[diagnostic::do_not_recommend]
impl<E, V: Value + Number, O> Beside<E, Option<V>, O> for V {
    type Result = Option<V>;

    fn calculated(self, left: Term, operator: Operator) -> Expression<E, Option<V>> {
        calculation(left.into(), operator, value(&self))
    }
}

#[cfg(feature = "rust_decimal")]
#[diagnostic::do_not_recommend]
impl<E, I: Integer, O> Beside<E, rust_decimal::Decimal, O> for I {
    type Result = rust_decimal::Decimal;

    fn calculated(self, left: Term, operator: Operator) -> Expression<E, Self::Result> {
        calculation(left.into(), operator, value(&self))
    }
}

#[cfg(feature = "rust_decimal")]
#[diagnostic::do_not_recommend]
impl<E, I: Integer, O> Beside<E, Option<rust_decimal::Decimal>, O> for I {
    type Result = Option<rust_decimal::Decimal>;

    fn calculated(self, left: Term, operator: Operator) -> Expression<E, Self::Result> {
        calculation(left.into(), operator, value(&self))
    }
}

macro_rules! beside {
    ($($rows:ty, $type:ty, [$($parameters:tt)*];)+) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<$($parameters)*, T, O, U> Beside<$rows, T, O> for $type
            where
                U: Property<Value: Number> + Combined<T>,
            {
                type Result = U::Result;

                fn calculated(
                    self,
                    left: Term,
                    operator: Operator,
                ) -> Expression<$rows, Self::Result> {
                    calculation(left.into(), operator, self.into_term().into())
                }
            }
        )+
    };
}

beside! {
    E, Column<E, U, P>, [E: Entity, P: Path];
    Groups<E>, Column<E, U, P>, [E: Entity, P: Path];
    E, Expression<E, U>, [E];
    Groups<E>, Expression<E, U>, [E: Entity];
    E, RelationAggregate<E, U>, [E: Entity];
}

#[diagnostic::do_not_recommend]
impl<E, T, O, U: Property<Value: Number> + Combined<T>> Beside<E, T, O> for SqlExpression<U> {
    type Result = U::Result;

    fn calculated(self, left: Term, operator: Operator) -> Expression<E, U::Result> {
        calculation(left.into(), operator, self.term().into())
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation, T, O> Beside<R::Source, T, O> for Count<R>
where
    i64: Combined<T>,
{
    type Result = <i64 as Combined<T>>::Result;

    fn calculated(self, left: Term, operator: Operator) -> Expression<R::Source, Self::Result> {
        calculation(left.into(), operator, self.term().into())
    }
}

macro_rules! operators {
    ($($operator:ident, $method:ident, $group:ident, $kind:ident;)+) => {
        $(
            impl<E: Entity, T: Property, R: Beside<E, T, $group>, P: Path> $operator<R>
                for Column<E, T, P>
            {
                type Output = Expression<E, R::Result>;

                fn $method(self, other: R) -> Self::Output {
                    other.calculated(self.field().into(), Operator::$kind)
                }
            }

            impl<E, T: Property, R: Beside<E, T, $group>> $operator<R> for Expression<E, T> {
                type Output = Expression<E, R::Result>;

                fn $method(self, other: R) -> Self::Output {
                    other.calculated(self.term, Operator::$kind)
                }
            }

            impl<E: Entity, T: Property, R: Beside<E, T, $group>> $operator<R>
                for RelationAggregate<E, T>
            {
                type Output = Expression<E, R::Result>;

                fn $method(self, other: R) -> Self::Output {
                    other.calculated(self.term(), Operator::$kind)
                }
            }

            impl<R: Relation, U: Beside<R::Source, i64, $group>> $operator<U> for Count<R> {
                type Output = Expression<R::Source, U::Result>;

                fn $method(self, other: U) -> Self::Output {
                    other.calculated(self.term(), Operator::$kind)
                }
            }
        )+
    };
}

operators! {
    Add, add, Added, Add;
    Sub, sub, Added, Subtract;
    Mul, mul, Scaled, Multiply;
    Div, div, Scaled, Divide;
}
