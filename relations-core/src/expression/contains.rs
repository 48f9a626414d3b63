//! Conditions that texts, arrays and ranges have in common, each with values of its own.

use crate::ast::predicate::{ArrayOperator, Predicate, RangeOperator};
use crate::ast::term::{Operand, Term};
use crate::column::{Column, IntoOperand, escape};
use crate::entity::Entity;
use crate::expression::arrays::compared;
use crate::filter::Filter;
use crate::relation::path::Path;
use crate::value::property::Property;
use crate::value::{IntoValue, Range, RangeElement, Value};

/// A text or a range, which contains an `A`.
#[diagnostic::on_unimplemented(
    message = "a column of `{Self}` does not contain a `{A}`",
    label = "a text contains texts, and a range contains values of its bounds' type",
    note = "an element of a list is asked for with `.has(…)`, and a range within a range with \
            `.contains_range(…)`"
)]
pub trait Contains<E, A>: Value {
    #[doc(hidden)]
    fn contains(column: Term, part: A) -> Filter<E>;
}

#[diagnostic::do_not_recommend]
impl<E, A: AsRef<str>> Contains<E, A> for String {
    fn contains(term: Term, part: A) -> Filter<E> {
        let pattern = format!("%{}%", escape(part.as_ref()));
        Filter::new(Predicate::Like { term, pattern, fold_case: false })
    }
}

#[diagnostic::do_not_recommend]
impl<E, V: RangeElement, A: IntoOperand<E, V>> Contains<E, A> for Range<V> {
    fn contains(term: Term, value: A) -> Filter<E> {
        let (operator, other) = (RangeOperator::Holds, value.into_operand());
        Filter::new(Predicate::Range { term, operator, other })
    }
}

/// A list or a range, which overlaps an `A`.
#[diagnostic::on_unimplemented(
    message = "a column of `{Self}` does not overlap a `{A}`",
    label = "a list overlaps values of its elements' type, and a range another range of its bounds' type",
    note = "ranges are written as in Rust, `first..next`, or as a `relations::value::Range`"
)]
pub trait Overlaps<E, A>: Value {
    #[doc(hidden)]
    fn overlaps(column: Term, other: A) -> Filter<E>;
}

#[diagnostic::do_not_recommend]
impl<E, V: Value, A: IntoIterator<Item: IntoValue<V>>> Overlaps<E, A> for Vec<V>
where
    Self: Value,
{
    fn overlaps(term: Term, elements: A) -> Filter<E> {
        compared(term, ArrayOperator::Overlaps, elements)
    }
}

#[diagnostic::do_not_recommend]
impl<E, V: RangeElement, A: RangeOperand<E, V>> Overlaps<E, A> for Range<V> {
    fn overlaps(term: Term, other: A) -> Filter<E> {
        let (operator, other) = (RangeOperator::Overlaps, other.into_operand());
        Filter::new(Predicate::Range { term, operator, other })
    }
}

/// A range to compare with a column of ranges: a [`Range`], a range of Rust's as `1..5`, or another column of the
/// entity.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a range of `{V}`",
    label = "expected a range of `{V}`, as in `first..next`, or a column of `{E}` that holds one"
)]
pub trait RangeOperand<E, V: RangeElement> {
    #[doc(hidden)]
    fn into_operand(self) -> Operand;
}

#[diagnostic::do_not_recommend]
impl<E, V: RangeElement, R: Into<Range<V>>> RangeOperand<E, V> for R {
    fn into_operand(self) -> Operand {
        Operand::Parameter(Value::into_parameter(self.into()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, V: RangeElement, T: Property<Value = Range<V>>, P: Path> RangeOperand<E, V>
    for Column<E, T, P>
{
    fn into_operand(self) -> Operand {
        self.field().into()
    }
}

impl<E: Entity, T: Property, P: Path> Column<E, T, P> {
    /// Whether a text contains another, taken literally; or whether a range contains a value, the value
    /// of another column, or [`now()`](crate::expression::now()).
    ///
    /// ```
    /// # use relations::prelude::*;
    /// use relations::value::Range;
    ///
    /// # #[derive(Entity)]
    /// # struct Booking { #[id] id: i64, guest: String, nights: Range<chrono::NaiveDate> }
    /// # let today = chrono::NaiveDate::MIN;
    /// let of_ada = Booking::find().filter(Booking::GUEST.contains("Ada"));
    /// let tonight = Booking::find().filter(Booking::NIGHTS.contains(today));
    /// ```
    #[doc(alias = "@>")]
    pub fn contains<A>(self, part: A) -> Filter<E>
    where
        T::Value: Contains<E, A>,
    {
        <T::Value as Contains<E, A>>::contains(self.field().into(), part)
    }

    /// Whether an array contains at least one of some values (never, if there are none); or whether two ranges
    /// have a value in common.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// use relations::value::Range;
    ///
    /// # #[derive(Entity)]
    /// # struct Booking { #[id] id: i64, labels: Vec<String>, nights: Range<chrono::NaiveDate> }
    /// # let (from, until) = (chrono::NaiveDate::MIN, chrono::NaiveDate::MAX);
    /// let marked = Booking::find().filter(Booking::LABELS.overlaps(["late", "vip"]));
    /// let taken = Booking::find().filter(Booking::NIGHTS.overlaps(from..until));
    /// ```
    #[doc(alias = "&&")]
    pub fn overlaps<A>(self, other: A) -> Filter<E>
    where
        T::Value: Overlaps<E, A>,
    {
        <T::Value as Overlaps<E, A>>::overlaps(self.field().into(), other)
    }
}
