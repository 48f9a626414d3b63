//! Properties: values that may be null.

use crate::value::Value;
use crate::value::parameter::Parameter;
use crate::value::row::{Cell, Mismatch};

/// The type of a field: a [`Value`], or an `Option` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a property",
    label = "no column type stands for `{Self}`",
    note = "derive `Value` for it where it is a newtype or an enum without fields, use a type that \
            has it, or mark the field with `#[skip]`; an `Option` is written as itself, once"
)]
pub trait Property: Clone + Send + Sync + 'static {
    /// The type without its `Option`.
    type Value: Value;

    /// Another value, which may be null if this may be.
    type With<V: Value>: Property<Value = V>;

    /// A property of the same value, which may be null if one of both may be.
    type Or<U: Property<Value = Self::Value>>: Property<Value = Self::Value>;

    /// Whether it may be null.
    #[doc(hidden)]
    const NULLABLE: bool;

    /// This property on its way to the database.
    fn to_nullable_parameter(&self) -> Parameter;

    /// This property itself on its way to the database, where no copy of it is needed.
    fn into_nullable_parameter(self) -> Parameter;

    /// The property that a field of a row holds.
    ///
    /// # Errors
    ///
    /// The field holds a value of another type, or a null where there can be none.
    fn read_nullable(cell: Cell<'_>) -> Result<Self, Mismatch>;
}

#[diagnostic::do_not_recommend]
impl<V: Value> Property for V {
    type Value = V;

    type With<U: Value> = U;

    type Or<U: Property<Value = V>> = U;

    const NULLABLE: bool = false;

    fn to_nullable_parameter(&self) -> Parameter {
        Value::to_parameter(self)
    }

    fn into_nullable_parameter(self) -> Parameter {
        Value::into_parameter(self)
    }

    #[inline]
    fn read_nullable(cell: Cell<'_>) -> Result<Self, Mismatch> {
        Value::read(cell)
    }
}

#[diagnostic::do_not_recommend]
impl<V: Value> Property for Option<V> {
    type Value = V;

    type With<U: Value> = Option<U>;

    type Or<U: Property<Value = V>> = Self;

    const NULLABLE: bool = true;

    fn to_nullable_parameter(&self) -> Parameter {
        match self {
            Some(value) => Value::to_parameter(value),
            None => Parameter::null(V::TYPE),
        }
    }

    fn into_nullable_parameter(self) -> Parameter {
        match self {
            Some(value) => Value::into_parameter(value),
            None => Parameter::null(V::TYPE),
        }
    }

    #[inline]
    fn read_nullable(cell: Cell<'_>) -> Result<Self, Mismatch> {
        let cell = cell.taken_out();
        if cell.is_null() { Ok(None) } else { V::read(cell).map(Some) }
    }
}
