//! The order of rows.

use std::fmt;
use std::sync::Arc;

use crate::ast::term::{Field, Term};
use crate::definition::property::ColumnType;
use crate::definition::property::PropertyDefinition;
use crate::error::Result;
use crate::value::parameter::Parameter;
use crate::value::property::Property;
use crate::value::row::{Cell, Mismatch};

/// A value that is read to be sent again.
#[derive(Clone, Copy)]
pub(crate) struct Reread {
    pub(crate) read: fn(Cell<'_>) -> Result<Parameter, Mismatch>,
    pub(crate) column_type: ColumnType,
}

/// An order by one value of each row, whatever its entity.
#[derive(Clone)]
pub(crate) struct OrderBy {
    pub(crate) term: Term,
    pub(crate) descending: bool,
    pub(crate) nulls: Nulls,
    /// The function that reads the value to send it again, where the entity itself may not tell it.
    pub(crate) read: Option<Reread>,
}

impl fmt::Debug for OrderBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.descending { "descending" } else { "ascending" };
        write!(formatter, "{:?} {direction}, nulls {:?}", self.term, self.nulls)
    }
}

/// The place of nulls in an order.
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

    /// This order of links, as one of the rows that they lead to.
    pub(crate) fn of_links(self) -> Self {
        Self { term: Term::OfLink(Arc::new(self.term)), ..self }
    }

    /// The property of the queried entity itself by which it orders, if it is one.
    pub(crate) fn property(&self) -> Option<&'static PropertyDefinition> {
        match &self.term {
            Term::Field(field) if field.path.is_none() => Some(field.property),
            _ => None,
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
            (Some(_), Some(_)) => <Option<String> as Property>::read_nullable(cell)
                .map(<Option<String> as Property>::into_nullable_parameter),
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
