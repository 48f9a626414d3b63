//! In which order rows come.

use std::fmt;
use std::marker::PhantomData;

use crate::error::Result;
use crate::filter::{Field, Term};
use crate::meta::PropertyDefinition;
use crate::row::{Cell, Mismatch};
use crate::value::{Parameter, Property};

/// An order by one column, as `Order::ID.desc()`, or by what is computed of each row's targets, as
/// `Customer::ORDERS.count().desc()`.
///
/// Nulls come last going up and first going down unless told otherwise, on both engines.
#[must_use = "an order does nothing until a query takes it"]
pub struct Ordering<E> {
    pub(crate) by: OrderBy,
    entity: PhantomData<fn() -> E>,
}

/// An order by one value of each row, whatever its entity.
#[derive(Clone)]
pub(crate) struct OrderBy {
    pub(crate) term: Term,
    pub(crate) descending: bool,
    pub(crate) nulls: Nulls,
    /// How the value is read to be sent again, where the entity itself may not tell it.
    read: Option<fn(Cell<'_>) -> Result<Parameter, Mismatch>>,
}

impl fmt::Debug for OrderBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.descending { "descending" } else { "ascending" };
        write!(formatter, "{:?} {direction}, nulls {:?}", self.term, self.nulls)
    }
}

/// Where nulls go in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// Last going up, first going down.
    Greatest,
    First,
    Last,
}

impl OrderBy {
    /// An order by a column of the queried entity itself.
    pub(crate) fn own(field: Field, descending: bool) -> Self {
        Self { term: field.into(), descending, nulls: Nulls::Greatest, read: None }
    }

    /// The property of the queried entity itself by which it orders, if it is one.
    pub(crate) fn property(&self) -> Option<&'static PropertyDefinition> {
        match &self.term {
            Term::Field(field) if field.path.is_none() => Some(field.property),
            Term::Field(_) | Term::Computed(_) | Term::Calculated(_) => None,
        }
    }

    /// Whether it is by the property of that name of the queried entity itself.
    pub(crate) fn is_by(&self, property: &str) -> bool {
        self.property().is_some_and(|own| own.name == property)
    }

    /// Whether nulls come before what has a value.
    pub(crate) fn nulls_come_first(&self) -> bool {
        match self.nulls {
            Nulls::Greatest => self.descending,
            Nulls::First => true,
            Nulls::Last => false,
        }
    }

    /// The order that brings the same rows from the last to the first.
    pub(crate) fn reverse(&mut self) {
        self.descending = !self.descending;
        self.nulls = match self.nulls {
            Nulls::Greatest => Nulls::Greatest,
            Nulls::First => Nulls::Last,
            Nulls::Last => Nulls::First,
        };
    }

    /// The value in a cell, on its way to the database again.
    pub(crate) fn value(&self, cell: Cell<'_>) -> Result<Parameter, Mismatch> {
        self.read.ok_or(Mismatch::Absent).and_then(|read| read(cell))
    }
}

impl<E> Ordering<E> {
    /// An order by a value that is a `T`.
    pub(crate) fn by<T: Property>(term: impl Into<Term>, descending: bool) -> Self {
        let read: fn(Cell<'_>) -> _ = |cell| T::read(cell).map(|value| value.to_parameter());
        let (term, nulls) = (term.into(), Nulls::Greatest);
        Self { by: OrderBy { term, descending, nulls, read: Some(read) }, entity: PhantomData }
    }

    /// The same order, nulls first.
    pub fn nulls_first(mut self) -> Self {
        self.by.nulls = Nulls::First;
        self
    }

    /// The same order, nulls last.
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

/// What orders a query of `E`: an order by one of its own columns.
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
