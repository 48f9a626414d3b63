//! In which order rows come.

use std::fmt;
use std::marker::PhantomData;

use crate::ast::order::Reread;
use crate::ast::order::{Nulls, OrderBy};
use crate::ast::term::Term;
use crate::value::Value;
use crate::value::property::Property;
use crate::value::row::Cell;

/// An order by a column, such as `Order::ID.desc()`, or by an aggregate of each row's targets, such
/// as `Customer::ORDERS.count().desc()`.
///
/// By default nulls come last in ascending and first in descending order, on both engines.
#[must_use = "an order does nothing until a query takes it"]
pub struct Ordering<E> {
    pub(crate) by: OrderBy,
    entity: PhantomData<fn() -> E>,
}

impl<E> Ordering<E> {
    /// An order by a value that is a `T`.
    pub(crate) fn by<T: Property>(term: impl Into<Term>, descending: bool) -> Self {
        let read: fn(Cell<'_>) -> _ =
            |cell| T::read_nullable(cell).map(|value| value.to_nullable_parameter());
        let (term, nulls) = (term.into(), Nulls::Greatest);
        let read = Some(Reread { read, column_type: T::Value::TYPE });
        Self { by: OrderBy { term, descending, nulls, read }, entity: PhantomData }
    }

    /// An order that is known already.
    pub(crate) fn of(by: OrderBy) -> Self {
        Self { by, entity: PhantomData }
    }

    /// Puts nulls first.
    pub fn nulls_first(mut self) -> Self {
        self.by.nulls = Nulls::First;
        self
    }

    /// Puts nulls last.
    pub fn nulls_last(mut self) -> Self {
        self.by.nulls = Nulls::Last;
        self
    }
}

impl<E> Clone for Ordering<E> {
    fn clone(&self) -> Self {
        Self { by: self.by.clone(), entity: PhantomData }
    }
}

impl<E> fmt::Debug for Ordering<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Ordering").field(&self.by).finish()
    }
}

/// An order of a query of `E`, by one of its own columns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not order rows of `{E}`",
    label = "expected an order by a column of `{E}`, as in `{E}::ID.asc()`"
)]
pub trait IntoOrdering<E> {
    /// The order.
    fn into_ordering(self) -> Ordering<E>;
}

#[diagnostic::do_not_recommend]
impl<E> IntoOrdering<E> for Ordering<E> {
    fn into_ordering(self) -> Self {
        self
    }
}
