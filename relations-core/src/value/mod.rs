//! Values: the types of properties and keys, parameters of statements, and cells of rows.

/// Makes a type a [`Value`]: its column type, its parameter, and how it is read where the engine
/// stores only integers, floats, text and bytes.
///
/// `read` names the method that reads a cell, and `widen` says of which other types of
/// PostgreSQL's it holds all values.
macro_rules! value {
    ($type:ty, $column_type:ident, $parameter:ident, $stored:expr
        $(, read = $read:ident)? $(, widen = $widen:expr)?) => {
        value!(
            $type,
            $column_type,
            (|value: &$type| { $crate::value::parameter::Parameter::from_sql(::sea_query::Value::$parameter(Some(value.clone().into()))) }),
            $stored
            $(, read = $read)? $(, widen = $widen)?
        );
    };
    ($type:ty, $column_type:ident, $to_parameter:expr, $stored:expr
        $(, read = $read:ident)? $(, widen = $widen:expr)?) => {
        value!(
            $type,
            $column_type,
            $to_parameter,
            |value: $type| $to_parameter(&value),
            $stored
            $(, read = $read)? $(, widen = $widen)?
        );
    };
    ($type:ty, $column_type:ident, $to_parameter:expr, $into_parameter:expr, $stored:expr
        $(, read = $read:ident)? $(, widen = $widen:expr)?) => {
        impl $crate::value::Value for $type {
            const TYPE: $crate::definition::property::ColumnType = $crate::definition::property::ColumnType::$column_type;

            fn to_parameter(&self) -> $crate::value::parameter::Parameter {
                $to_parameter(self)
            }

            fn into_parameter(self) -> $crate::value::parameter::Parameter {
                $into_parameter(self)
            }

            #[inline]
            fn read(cell: $crate::value::row::Cell<'_>) -> Result<Self, $crate::value::row::Mismatch> {
                value!(@read cell $($read)?, $stored, value!(@widen $($widen)?))
                    .map_err(|why| $crate::value::unfit::explained(why, Self::TYPE, cell))
            }
        }

        #[diagnostic::do_not_recommend]
        impl $crate::raw_sql::from_row::FromRow for $type {
            fn from_row(row: &$crate::value::row::Row<'_>) -> $crate::error::Result<Self> {
                $crate::raw_sql::from_row::read_value(row, 0)
            }
        }
    };
    (@read $cell:ident, $stored:expr, $widen:expr) => { $cell.decode($stored, $widen) };
    (@read $cell:ident $read:ident, $stored:expr, $widen:expr) => {
        $cell.$read($stored, $widen)
    };
    (@widen) => { |_| None };
    (@widen $widen:expr) => { $widen };
}

#[cfg(all(feature = "sqlite", any(feature = "chrono", feature = "time")))]
pub(crate) mod calendar;
pub(crate) mod codec;
pub(crate) mod column_position;
pub(crate) mod key;
pub(crate) mod literal;
pub(crate) mod mismatch;
#[cfg(any(feature = "chrono", feature = "time"))]
pub(crate) mod moment;
pub(crate) mod no_id;
pub(crate) mod parameter;
pub(crate) mod parse;
pub(crate) mod property;
pub(crate) mod row;
pub(crate) mod same;
pub(crate) mod sort_key;
pub(crate) mod sql_type;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite_encode;
pub(crate) mod stored;
pub(crate) mod type_bounds;
pub(crate) mod types;
pub(crate) mod unfit;
pub(crate) mod untyped;
pub(crate) mod wire;

pub use crate::value::key::{IntoKey, Key};
pub use crate::value::mismatch::Mismatch;
pub use crate::value::no_id::NoId;
pub use crate::value::parameter::Parameter;
pub use crate::value::property::Property;
pub use crate::value::row::{Cell, Row};
pub use crate::value::types::interval::Interval;
#[cfg(feature = "json")]
pub use crate::value::types::json::Json;
pub use crate::value::types::range::Range;
pub use crate::value::types::range::element::RangeElement;
pub use crate::value::types::vector::Vector;

use crate::definition::property::ColumnType;

/// A Rust type that can be the type of a column.
///
/// It is implemented for `bool`, `i16`, `i32`, `i64`, `u8` to `u64`, `f32`, `f64`, `String`, `Box<str>`,
/// `Vec<u8>`, `[u8; N]`, `IpAddr`, and, each behind the feature of its crate, for dates and times of `chrono` and `time`, `Uuid`, `Decimal`,
/// `serde_json::Value` and `Json<T>`; on PostgreSQL also for a `Vec` of each, and of an `Option` of
/// each. An `Option` of any of them is a property that may be null.
///
/// A value is never read in part: reading fails with
/// [`Error::is_row_mismatch`](crate::Error::is_row_mismatch) if the type cannot hold it. The
/// guide's page on values has a table of what each type reads on each engine.
///
/// A newtype or an enum without fields derives it:
///
/// ```
/// use relations::prelude::*;
///
/// #[derive(Debug, Clone, PartialEq, Eq, Hash, Value)]
/// struct CustomerId(i64);
///
/// #[derive(Debug, Clone, PartialEq, Value)]
/// enum Status {
///     Open,
///     #[value(rename = "done")]
///     Closed,
/// }
///
/// #[derive(Entity)]
/// struct Order {
///     #[id]
///     id: CustomerId,
///     status: Status,
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a property",
    label = "no column type stands for `{Self}`",
    note = "derive `Value` for it where it is a newtype or an enum without fields, use a type that \
            has it, or mark the field with `#[skip]`; an `Option` is written as itself, once"
)]
pub trait Value: Sized + Clone + std::fmt::Debug + Send + Sync + 'static {
    /// The type of the column.
    const TYPE: ColumnType;

    /// The type of the column on PostgreSQL, if it is not the one of [`TYPE`](Self::TYPE). A value whose
    /// `TYPE` is a text is then sent and read as the text of that type.
    const SQL_TYPE: Option<&'static str> = None;

    /// The least and the greatest number, if the type holds fewer than its column does: `(0, 100)` of a
    /// percentage. A CHECK of the table keeps other numbers out, unless the property names a type of its own,
    /// `#[column(type = "…")]`.
    const BOUNDS: Option<(i64, i64)> = None;

    /// The words of an enum, as they are stored.
    #[doc(hidden)]
    const WORDS: &'static [&'static str] = &[];

    /// This value on its way to the database.
    fn to_parameter(&self) -> Parameter;

    /// This value itself on its way to the database, where no copy of it is needed.
    fn into_parameter(self) -> Parameter {
        self.to_parameter()
    }

    /// The value that a field of a row holds.
    ///
    /// # Errors
    ///
    /// The field holds a null, or a value of another type.
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch>;
}

/// A [`Value`] that can be an element of an array; a `Vec<u8>` is bytes.
///
/// `#[derive(Value)]` implements it. It does not ask for `Value` itself: rustc would tell a second time what
/// that lacks.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an element of an array",
    label = "no array holds a `{Self}`"
)]
pub trait Element {}

/// A value to compare with a column of `V`: a `V`, a reference to one, or text for a `String`.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be compared with a column of `{V}`",
    label = "expected a `{V}`",
    note = "a null is asked for with `.is_null()` and `.is_not_null()`"
)]
pub trait IntoValue<V: Value> {
    /// The value as the column has it.
    fn into_value(self) -> V;
}

#[diagnostic::do_not_recommend]
impl<V: Value> IntoValue<V> for V {
    fn into_value(self) -> V {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<V: Value> IntoValue<V> for &V {
    fn into_value(self) -> V {
        self.clone()
    }
}

#[diagnostic::do_not_recommend]
impl IntoValue<String> for &str {
    fn into_value(self) -> String {
        self.to_owned()
    }
}

#[diagnostic::do_not_recommend]
impl IntoValue<Box<str>> for &str {
    fn into_value(self) -> Box<str> {
        self.into()
    }
}

#[diagnostic::do_not_recommend]
impl IntoValue<Vec<u8>> for &[u8] {
    fn into_value(self) -> Vec<u8> {
        self.to_vec()
    }
}
