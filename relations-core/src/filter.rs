//! Filters: which rows are meant.

use std::fmt;
use std::marker::PhantomData;

use crate::ast::predicate::{Comparison, Predicate};
use crate::ast::select::Select;
use crate::ast::term::Operand;
use crate::column::IntoOperand;
use crate::value::Value;

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

impl Select {
    /// Leaves only the rows that a filter matches as well.
    pub(crate) fn narrow<E>(&mut self, filter: Filter<E>) {
        let before = std::mem::replace(&mut self.predicate, Predicate::Always);
        self.predicate = before.and(filter.predicate);
    }
}
