//! Filters: which rows are meant.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Bound, RangeBounds};

use crate::ast::predicate::{Comparison, Predicate};
use crate::ast::select::Select;
use crate::ast::term::{Operand, Term};
use crate::column::IntoOperand;
use crate::raw_sql::IntoParameters;
use crate::raw_sql::condition::condition;
use crate::value::{IntoValue, Value};

/// A condition on the rows of an entity.
///
/// Methods of columns return filters; `and`, `or` and `!` combine them.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, quantity: i32, open: bool }
/// let filter = Order::OPEN.eq(true).and(Order::QUANTITY.gt(2).or(Order::ID.is_in([1, 2, 3])));
/// let closed = !Order::OPEN.eq(true);
/// ```
#[must_use = "a filter does nothing until a query takes it"]
#[doc(alias = "where")]
#[doc(alias = "condition")]
pub struct Filter<E> {
    pub(crate) predicate: Predicate,
    entity: PhantomData<fn() -> E>,
}

impl<E> Filter<E> {
    pub(crate) fn new(predicate: Predicate) -> Self {
        Self { predicate, entity: PhantomData }
    }

    /// A condition in SQL of your own, with the values for its placeholders as in
    /// [`sql()`](crate::sql()).
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # use relations::Filter;
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64, name: String, age: i32 }
    /// let ada = Filter::raw("lower(name) = $1", ("ada",));
    /// let even = Filter::raw("age % 2 = 0", ());
    /// let query = Customer::find().filter(ada.or(even)).filter(Customer::ID.gt(7));
    /// ```
    ///
    /// Placeholders are `$1`, `$2` and so on, on both engines, and may be repeated. Values never
    /// become part of the SQL, and have the types of their Rust types: cast a placeholder if
    /// PostgreSQL needs another type, as in `$1::date`. The condition is one operand of `and`, `or`
    /// and `not`, whatever operators it contains.
    ///
    /// Only the database checks its columns and types. Tables of related entities may have columns
    /// of the same names: write `orders.id` for a column of the queried entity. A query with such a
    /// condition is never [repeated](crate::include::Strategy::Pipelined) to load its relations.
    ///
    /// # Errors
    ///
    /// The query fails before anything is sent, with an error that
    /// [`is_invalid_request`](crate::Error::is_invalid_request), if the condition has more or fewer
    /// placeholders than there are values, skips a number, has placeholders of another kind (`?`,
    /// `:name`), is empty, contains a `;`, an unclosed parenthesis, quote or comment, or a function
    /// that changes the session, such as `set_config(…, false)`.
    pub fn raw(sql: impl AsRef<str>, values: impl IntoParameters) -> Self {
        let condition = condition(sql.as_ref(), values.into_parameters());
        Self::new(Predicate::Raw(Box::new(condition)))
    }

    pub(crate) fn compare<V: Value>(
        left: impl Into<Operand>,
        comparison: Comparison,
        right: impl IntoOperand<E, V>,
    ) -> Self {
        Self::new(Predicate::Compare(left.into(), comparison, right.into_operand()))
    }

    /// Whether a value is one of some.
    pub(crate) fn member<V: Value>(
        term: Term,
        values: impl IntoIterator<Item = impl IntoValue<V>>,
        negated: bool,
    ) -> Self {
        let values: Vec<_> =
            values.into_iter().map(|value| Value::to_parameter(&value.into_value())).collect();
        Self::new(match (values.is_empty(), negated) {
            (true, false) => Predicate::Never,
            (true, true) => Predicate::Always,
            (false, _) => Predicate::In { term, values, negated },
        })
    }

    /// Whether a value is within a range; always, where it has no ends.
    pub(crate) fn within<V: Value>(term: &Term, range: &impl RangeBounds<V>) -> Self {
        let end = |bound: Bound<&V>, included, excluded| {
            let (comparison, value) = match bound {
                Bound::Included(value) => (included, value),
                Bound::Excluded(value) => (excluded, value),
                Bound::Unbounded => return Self::always(),
            };
            let value = Operand::Parameter(Value::to_parameter(value));
            Self::new(Predicate::Compare(term.clone().into(), comparison, value))
        };
        let start = end(range.start_bound(), Comparison::GreaterOrEqual, Comparison::Greater);
        start.and(end(range.end_bound(), Comparison::LessOrEqual, Comparison::Less))
    }

    /// A condition that is true for every row: the start for conditions that are added one by one.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # use relations::Filter;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32 }
    /// # let least: Option<i32> = None;
    /// let mut filter = Filter::always();
    /// if let Some(least) = least {
    ///     filter = filter.and(Order::QUANTITY.gt(least));
    /// }
    /// let query = Order::find().filter(filter);
    /// ```
    ///
    /// It does not count as a filter: `delete` and `update` of all rows still need `all_rows()`.
    #[doc(alias = "true")]
    pub fn always() -> Self {
        Self::new(Predicate::Always)
    }

    /// Combines conditions with `AND`; without conditions it matches every row. A `None` among them is left
    /// out, so each may be an `Option`.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # use relations::Filter;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32, open: bool }
    /// # let (least, open): (Option<i32>, Option<bool>) = (None, None);
    /// let query = Order::find().filter(Filter::all([
    ///     least.map(|least| Order::QUANTITY.gt(least)),
    ///     open.map(|open| Order::OPEN.eq(open)),
    /// ]));
    /// ```
    #[doc(alias = "and")]
    pub fn all<F: IntoFilter<E>>(conditions: impl IntoIterator<Item = F>) -> Self {
        Self::each(conditions).reduce(Self::and).unwrap_or_else(Self::always)
    }

    /// Combines conditions with `OR`; without conditions it matches no row. A `None` among them is
    /// left out.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # use relations::Filter;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32, open: bool }
    /// let query = Order::find().filter(Filter::any([Order::QUANTITY.gt(9), Order::OPEN.eq(true)]));
    /// ```
    #[doc(alias = "or")]
    pub fn any<F: IntoFilter<E>>(conditions: impl IntoIterator<Item = F>) -> Self {
        Self::each(conditions).reduce(Self::or).unwrap_or_else(|| Self::new(Predicate::Never))
    }

    /// The conditions that are there.
    fn each<F: IntoFilter<E>>(
        conditions: impl IntoIterator<Item = F>,
    ) -> impl Iterator<Item = Self> {
        conditions.into_iter().filter_map(IntoFilter::into_condition)
    }

    /// Combines two conditions with `AND`.
    pub fn and(self, other: Self) -> Self {
        Self::new(self.predicate.and(other.predicate))
    }

    /// Combines two conditions with `OR`.
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

/// A condition on the rows of `E`: a [`Filter`] of its columns, an `Option` of one, where `None` leaves every
/// row, or several in a `Vec` or an array, all of which have to hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filter of `{E}`",
    label = "this does not speak of `{E}`",
    note = "filter a query of `{E}` by the columns of `{E}`, as in `{E}::ID.eq(…)`; aggregates are asked \
            for with `having`, behind `group_by`"
)]
pub trait IntoFilter<E> {
    /// The filter.
    fn into_filter(self) -> Filter<E>;

    /// The filter, unless there is none.
    #[doc(hidden)]
    fn into_condition(self) -> Option<Filter<E>>
    where
        Self: Sized,
    {
        Some(self.into_filter())
    }
}

#[diagnostic::do_not_recommend]
impl<E> IntoFilter<E> for Filter<E> {
    fn into_filter(self) -> Filter<E> {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<E, F: IntoFilter<E>> IntoFilter<E> for Option<F> {
    fn into_filter(self) -> Filter<E> {
        self.into_condition().unwrap_or_else(Filter::always)
    }

    fn into_condition(self) -> Option<Filter<E>> {
        self?.into_condition()
    }
}

#[diagnostic::do_not_recommend]
impl<E, F: IntoFilter<E>> IntoFilter<E> for Vec<F> {
    fn into_filter(self) -> Filter<E> {
        Filter::all(self)
    }

    fn into_condition(self) -> Option<Filter<E>> {
        Filter::each(self).reduce(Filter::and)
    }
}

#[diagnostic::do_not_recommend]
impl<E, F: IntoFilter<E>, const N: usize> IntoFilter<E> for [F; N] {
    fn into_filter(self) -> Filter<E> {
        Filter::all(self)
    }

    fn into_condition(self) -> Option<Filter<E>> {
        Filter::each(self).reduce(Filter::and)
    }
}

impl Select {
    /// Leaves only the rows that a filter matches as well.
    pub(crate) fn narrow<E>(&mut self, filter: Filter<E>) {
        let before = std::mem::replace(&mut self.predicate, Predicate::Always);
        self.predicate = before.and(filter.predicate);
    }
}
