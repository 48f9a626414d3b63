//! What lives in a column: the Rust types that may, and a value on its way to the database.

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
            (|value: &$type| { ::sea_query::Value::$parameter(Some(value.clone().into())).into() }),
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
            const TYPE: $crate::meta::ColumnType = $crate::meta::ColumnType::$column_type;

            fn to_parameter(&self) -> $crate::value::Parameter {
                $to_parameter(self)
            }

            fn into_parameter(self) -> $crate::value::Parameter {
                $into_parameter(self)
            }

            #[inline]
            fn read(cell: $crate::row::Cell<'_>) -> Result<Self, $crate::row::Mismatch> {
                value!(@read cell $($read)?, $stored, value!(@widen $($widen)?))
                    .map_err(|why| $crate::value::unfit::explained(why, Self::TYPE, cell))
            }
        }

        #[diagnostic::do_not_recommend]
        impl $crate::sql::FromRow for $type {
            fn read(row: &$crate::row::Row<'_>) -> $crate::error::Result<Self> {
                $crate::sql::read_value(row, 0)
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

mod builtin;
#[cfg(feature = "chrono")]
pub(crate) mod chrono;
#[cfg(feature = "rust_decimal")]
pub(crate) mod decimal;
#[cfg(feature = "json")]
pub(crate) mod json;
mod key;
mod literal;
#[cfg(any(feature = "chrono", feature = "time"))]
pub(crate) mod moment;
mod same;
#[cfg(feature = "time")]
pub(crate) mod time;
mod type_bounds;
mod unfit;
pub(crate) mod untyped;
#[cfg(feature = "uuid")]
pub(crate) mod uuid;
pub(crate) mod wire;

use std::fmt;

#[cfg(feature = "json")]
pub use json::Json;
pub use key::{IntoKey, Key};
pub(crate) use key::{Parts, ReadKey, read_key};
use sea_query::{ArrayType, Value as SqlValue};
pub use type_bounds::{AsKey, AsProperty};
pub(crate) use type_bounds::{Impossible, Never};

use crate::meta::ColumnType;
use crate::row::{Cell, Mismatch};

/// A Rust type that lives in a column.
///
/// It is implemented for `bool`, `i16`, `i32`, `i64`, `f32`, `f64`, `String`, `Vec<u8>`, and, each
/// behind the feature of its crate, for dates and times of `chrono` and `time`, `Uuid`, `Decimal`,
/// `serde_json::Value` and `Json<T>`; on PostgreSQL also for a `Vec` of each, and of an `Option` of
/// each. An `Option` of any of them is a property that may be null.
///
/// A value is read whole or not at all: [`Error::is_row_mismatch`](crate::Error::is_row_mismatch)
/// tells of a column that holds what the type does not. The guide's page on values has a table of
/// what each type reads on each engine.
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

/// What a field of a struct may be: a [`Value`], or an `Option` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a property",
    label = "no column type stands for `{Self}`",
    note = "derive `Value` for it where it is a newtype or an enum without fields, use a type that \
            has it, or mark the field with `#[skip]`; an `Option` is written as itself, once"
)]
pub trait Property: Clone + Send + Sync + 'static {
    /// The type without its `Option`.
    type Value: Value;

    /// This property on its way to the database.
    fn to_parameter(&self) -> Parameter;

    /// This property itself on its way to the database, where no copy of it is needed.
    fn into_parameter(self) -> Parameter;

    /// The property that a field of a row holds.
    ///
    /// # Errors
    ///
    /// The field holds a value of another type, or a null where there can be none.
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch>;
}

#[diagnostic::do_not_recommend]
impl<V: Value> Property for V {
    type Value = V;

    fn to_parameter(&self) -> Parameter {
        Value::to_parameter(self)
    }

    fn into_parameter(self) -> Parameter {
        Value::into_parameter(self)
    }

    #[inline]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        Value::read(cell)
    }
}

#[diagnostic::do_not_recommend]
impl<V: Value> Property for Option<V> {
    type Value = V;

    fn to_parameter(&self) -> Parameter {
        match self {
            Some(value) => Value::to_parameter(value),
            None => Parameter::null(V::TYPE),
        }
    }

    fn into_parameter(self) -> Parameter {
        match self {
            Some(value) => Value::into_parameter(value),
            None => Parameter::null(V::TYPE),
        }
    }

    #[inline]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        let cell = cell.taken_out();
        if cell.is_null() { Ok(None) } else { V::read(cell).map(Some) }
    }
}

/// What may be compared with a column of `V`: a `V`, a reference to one, or text for a `String`.
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
impl IntoValue<Vec<u8>> for &[u8] {
    fn into_value(self) -> Vec<u8> {
        self.to_vec()
    }
}

/// Why a text is not sent.
pub(crate) const NUL: &str =
    "holds a NUL character, which a database's text cannot; take it out, or store bytes";

/// Whether a text holds a NUL character.
pub(crate) fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

/// One value on its way to the database, a null among them.
///
/// Its `Debug` shows the type and never the value, so that no log tells one by accident.
#[derive(Clone, PartialEq)]
pub struct Parameter(Result<SqlValue, String>);

impl Parameter {
    /// The null of a column type.
    #[must_use]
    pub fn null(column_type: ColumnType) -> Self {
        Self(Ok(null(column_type)))
    }

    /// A value that cannot be sent, and why; the statement that needs it is refused.
    #[must_use]
    pub fn invalid(reason: impl Into<String>) -> Self {
        Self(Err(reason.into()))
    }

    /// The text of a value, as enums are stored. One with a NUL character cannot be sent:
    /// PostgreSQL has none, and SQLite's functions take it for the end.
    #[must_use]
    pub fn text(text: &str) -> Self {
        if has_nul(text) { Self::invalid(NUL) } else { Self::of_text(text.to_owned()) }
    }

    /// The same of a text that is not copied.
    pub(crate) fn owned_text(text: String) -> Self {
        if has_nul(&text) { Self::invalid(NUL) } else { Self::of_text(text) }
    }

    fn of_text(text: String) -> Self {
        Self(Ok(SqlValue::String(Some(text))))
    }

    /// Several values as one array.
    pub(crate) fn array(column_type: ColumnType, values: Vec<Self>) -> Self {
        let values: Result<Vec<_>, _> = values.into_iter().map(|value| value.0).collect();
        Self(values.map(|values| SqlValue::Array(array_type(column_type), Some(Box::new(values)))))
    }

    /// An array of keys. The database sorts those that it looks up one after another, and sees at once
    /// that there is nothing to do where they are integers in their order; where it reads more at a
    /// time it reads what lies together.
    pub(crate) fn keys(column_type: ColumnType, mut keys: Vec<Self>) -> Self {
        keys.sort_by_cached_key(|key| key.integer().unwrap_or_default());
        Self::array(column_type, keys)
    }

    /// How many values an array has.
    pub(crate) fn elements(&self) -> usize {
        match &self.0 {
            Ok(SqlValue::Array(_, Some(values))) => values.len(),
            _ => 0,
        }
    }

    /// The first and the last value of an array.
    pub(crate) fn ends(&self) -> Option<(Self, Self)> {
        match &self.0 {
            Ok(SqlValue::Array(_, Some(values))) => {
                Some((values.first()?.clone().into(), values.last()?.clone().into()))
            }
            _ => None,
        }
    }

    /// How many integers there are from the first to the last of an array of keys.
    pub(crate) fn span(&self) -> Option<usize> {
        let (first, last) = self.ends()?;
        let steps = last.integer()?.checked_sub(first.integer()?)?;
        usize::try_from(steps).ok()?.checked_add(1)
    }

    /// The only value of an array.
    pub(crate) fn only(&self) -> Self {
        match &self.0 {
            Ok(SqlValue::Array(_, Some(values))) => {
                values.first().map_or_else(|| self.clone(), |only| only.clone().into())
            }
            _ => self.clone(),
        }
    }

    /// The value as it is compared with a column: a text takes on the type of that.
    pub(crate) fn into_compared(self) -> Result<SqlValue, String> {
        self.0.map(untyped::untyped)
    }

    /// The array as its elements are compared with a column.
    pub(crate) fn into_compared_array(self) -> Result<SqlValue, String> {
        self.0.map(untyped::untyped_array)
    }

    /// The value as `sea_query` has it, or why there is none.
    pub(crate) fn into_sql(self) -> Result<SqlValue, String> {
        self.0
    }

    /// The value, where it is an integer.
    pub(crate) fn integer(&self) -> Option<i64> {
        match self.0.as_ref().ok()? {
            SqlValue::SmallInt(value) => value.map(i64::from),
            SqlValue::Int(value) => value.map(i64::from),
            SqlValue::BigInt(value) => *value,
            _ => None,
        }
    }

    /// Whether it is a value as SQLite stores it, whatever its property's type is.
    pub(crate) fn is_as_stored(&self) -> bool {
        use SqlValue::{BigInt, Bytes, Double, String};
        matches!(&self.0, Ok(String(_) | Bytes(_) | BigInt(_) | Double(_)))
    }

    /// Whether it is a null.
    pub(crate) fn is_null(&self) -> bool {
        self.0.as_ref().is_ok_and(|value| *value == value.as_null())
    }

    /// A text that two values share only if they are equal. A decimal may come back with more
    /// digits than it was given.
    pub(crate) fn canonical(&self) -> String {
        match &self.0 {
            #[cfg(feature = "rust_decimal")]
            Ok(SqlValue::Decimal(Some(decimal))) => decimal.normalize().to_string(),
            _ => self.display(),
        }
    }

    /// The value in words, for an error that names a key.
    pub(crate) fn display(&self) -> String {
        match &self.0 {
            Ok(SqlValue::String(Some(text))) => format!("\"{text}\""),
            Ok(value) if let Some(text) = untyped::text_of_untyped(value) => {
                format!("\"{text}\"")
            }
            Ok(value) => {
                sea_query::QueryBuilder::value_to_string(&sea_query::PostgresQueryBuilder, value)
            }
            Err(reason) => format!("({reason})"),
        }
    }
}

impl From<SqlValue> for Parameter {
    fn from(value: SqlValue) -> Self {
        Self(Ok(value))
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(value) => write!(formatter, "Parameter({:?})", value.as_null()),
            Err(reason) => write!(formatter, "Parameter({reason})"),
        }
    }
}

/// The null of a type. Dates may come from either of two crates; both nulls say the same.
fn null(column_type: ColumnType) -> SqlValue {
    match column_type {
        ColumnType::Boolean => SqlValue::Bool(None),
        ColumnType::SmallInt => SqlValue::SmallInt(None),
        ColumnType::Integer => SqlValue::Int(None),
        ColumnType::BigInt => SqlValue::BigInt(None),
        ColumnType::Real => SqlValue::Float(None),
        ColumnType::Double => SqlValue::Double(None),
        ColumnType::Text => SqlValue::String(None),
        ColumnType::Bytes => SqlValue::Bytes(None),
        #[cfg(feature = "chrono")]
        ColumnType::Date => SqlValue::ChronoDate(None),
        #[cfg(feature = "chrono")]
        ColumnType::Time => SqlValue::ChronoTime(None),
        #[cfg(feature = "chrono")]
        ColumnType::Timestamp => SqlValue::ChronoDateTime(None),
        #[cfg(feature = "chrono")]
        ColumnType::TimestampTz => SqlValue::ChronoDateTimeUtc(None),
        #[cfg(all(feature = "time", not(feature = "chrono")))]
        ColumnType::Date => SqlValue::TimeDate(None),
        #[cfg(all(feature = "time", not(feature = "chrono")))]
        ColumnType::Time => SqlValue::TimeTime(None),
        #[cfg(all(feature = "time", not(feature = "chrono")))]
        ColumnType::Timestamp => SqlValue::TimeDateTime(None),
        #[cfg(all(feature = "time", not(feature = "chrono")))]
        ColumnType::TimestampTz => SqlValue::TimeDateTimeWithTimeZone(None),
        #[cfg(feature = "uuid")]
        ColumnType::Uuid => SqlValue::Uuid(None),
        #[cfg(feature = "rust_decimal")]
        ColumnType::Decimal => SqlValue::Decimal(None),
        #[cfg(feature = "json")]
        ColumnType::Json => SqlValue::Json(None),
        ColumnType::Array(element) => SqlValue::Array(array_type(*element), None),
        // A type whose feature is off has no property, so nothing asks for its null.
        #[allow(unreachable_patterns)]
        _ => SqlValue::String(None),
    }
}

/// The type of an array's elements.
fn array_type(column_type: ColumnType) -> ArrayType {
    match column_type {
        ColumnType::Boolean => ArrayType::Bool,
        ColumnType::SmallInt => ArrayType::SmallInt,
        ColumnType::Integer => ArrayType::Int,
        ColumnType::BigInt => ArrayType::BigInt,
        ColumnType::Real => ArrayType::Float,
        ColumnType::Double => ArrayType::Double,
        ColumnType::Bytes => ArrayType::Bytes,
        #[cfg(feature = "chrono")]
        ColumnType::Date => ArrayType::ChronoDate,
        #[cfg(feature = "chrono")]
        ColumnType::Time => ArrayType::ChronoTime,
        #[cfg(feature = "chrono")]
        ColumnType::Timestamp => ArrayType::ChronoDateTime,
        #[cfg(feature = "chrono")]
        ColumnType::TimestampTz => ArrayType::ChronoDateTimeUtc,
        #[cfg(all(feature = "time", not(feature = "chrono")))]
        ColumnType::Date => ArrayType::TimeDate,
        #[cfg(all(feature = "time", not(feature = "chrono")))]
        ColumnType::Time => ArrayType::TimeTime,
        #[cfg(all(feature = "time", not(feature = "chrono")))]
        ColumnType::Timestamp => ArrayType::TimeDateTime,
        #[cfg(all(feature = "time", not(feature = "chrono")))]
        ColumnType::TimestampTz => ArrayType::TimeDateTimeWithTimeZone,
        #[cfg(feature = "uuid")]
        ColumnType::Uuid => ArrayType::Uuid,
        #[cfg(feature = "rust_decimal")]
        ColumnType::Decimal => ArrayType::Decimal,
        #[cfg(feature = "json")]
        ColumnType::Json => ArrayType::Json,
        _ => ArrayType::String,
    }
}
