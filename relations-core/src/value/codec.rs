//! The way of a property to the database and back.

use std::fmt;

use crate::error::Result;
use crate::value::parameter::Parameter;
use crate::value::property::Property;
use crate::value::row::{Cell, Mismatch};

/// The functions that write a property and read it back.
#[doc(hidden)]
pub struct Codec<T> {
    to_parameter: fn(&T) -> Parameter,
    into_parameter: fn(T) -> Parameter,
    pub(crate) read: fn(Cell<'_>) -> Result<T, Mismatch>,
    pub(crate) again: fn(&T) -> T,
}

impl<T> Clone for Codec<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Codec<T> {}

impl<T> fmt::Debug for Codec<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Codec").finish_non_exhaustive()
    }
}

impl<T: Property> Codec<T> {
    pub(crate) const NEW: Self = Self {
        to_parameter: T::to_nullable_parameter,
        into_parameter: T::into_nullable_parameter,
        read: T::read_nullable,
        again: T::clone,
    };
}

impl<T> Codec<T> {
    /// A codec for a type that is not a property.
    pub(crate) const fn none(again: fn(&T) -> T) -> Self {
        Self {
            to_parameter: |_| Parameter::invalid("this is not a property"),
            into_parameter: |_| Parameter::invalid("this is not a property"),
            read: |_| Err(Mismatch::Absent),
            again,
        }
    }

    /// The property on its way to the database.
    #[must_use]
    pub fn parameter(self, property: &T) -> Parameter {
        (self.to_parameter)(property)
    }

    /// The property itself on its way to the database.
    #[must_use]
    pub fn into_parameter(self, property: T) -> Parameter {
        (self.into_parameter)(property)
    }

    /// The property once more.
    #[must_use]
    pub fn duplicate(self, property: &T) -> T {
        (self.again)(property)
    }

    /// The property that a field of a row holds.
    ///
    /// # Errors
    ///
    /// The field holds something else.
    pub fn read(self, cell: Cell<'_>) -> Result<T, Mismatch> {
        (self.read)(cell)
    }
}
