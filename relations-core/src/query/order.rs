//! In which order rows come.

use std::fmt;
use std::marker::PhantomData;

use crate::error::Result;
use crate::filter::{Field, Term};
use crate::meta::{ColumnType, PropertyDefinition};
use crate::row::{Cell, Mismatch};
use crate::value::{Parameter, Property, Value};

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
    read: Option<Reread>,
}

/// A value that is read to be sent again.
#[derive(Clone, Copy)]
struct Reread {
    read: fn(Cell<'_>) -> Result<Parameter, Mismatch>,
    column_type: ColumnType,
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
            Term::Field(_) | Term::RelationAggregate(_) | Term::Arithmetic(_) => None,
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

    /// The value in a cell, on its way to the database again: as SQLite stores it, and on PostgreSQL
    /// as the text of what Rust may not hold whole.
    pub(crate) fn value(&self, cell: Cell<'_>) -> Result<Parameter, Mismatch> {
        if let Some(stored) = cell.to_stored_parameter() {
            return Ok(stored);
        }
        match (self.read, self.text_type()) {
            (None, _) => Err(Mismatch::Absent),
            (Some(_), Some(_)) => <Option<String> as Property>::read(cell)
                .map(<Option<String> as Property>::into_parameter),
            (Some(Reread { read, .. }), None) => read(cell),
        }
    }

    /// The type that the database reads the text of a value as again, where a type of Rust's may not
    /// hold all of its values: of a number of any length, of a time that is infinite.
    pub(crate) fn text_type(&self) -> Option<&'static str> {
        match self.read?.column_type {
            ColumnType::Decimal => Some("numeric"),
            ColumnType::Json => Some("jsonb"),
            ColumnType::Date => Some("date"),
            ColumnType::Time => Some("time"),
            ColumnType::Timestamp => Some("timestamp"),
            ColumnType::TimestampTz => Some("timestamptz"),
            _ => None,
        }
    }
}

impl<E> Ordering<E> {
    /// An order by a value that is a `T`.
    pub(crate) fn by<T: Property>(term: impl Into<Term>, descending: bool) -> Self {
        let read: fn(Cell<'_>) -> _ = |cell| T::read(cell).map(|value| value.to_parameter());
        let (term, nulls) = (term.into(), Nulls::Greatest);
        let read = Some(Reread { read, column_type: T::Value::TYPE });
        Self { by: OrderBy { term, descending, nulls, read }, entity: PhantomData }
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
