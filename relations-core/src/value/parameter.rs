//! Values on their way to the database.

use std::fmt;

use sea_query::{ArrayType, Value as SqlValue};
use smallvec::SmallVec;

use crate::definition::property::ColumnType;
use crate::dialect::Engine;
use crate::error::Error;
use crate::error::Result;
use crate::value::untyped;

/// Why a text is not sent.
pub(crate) const NUL: &str =
    "holds a NUL character, which a database's text cannot; take it out, or store bytes";

/// Whether a text holds a NUL character.
pub(crate) fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

/// A value that is sent to the database, or a null.
///
/// Its `Debug` shows the type and never the value, so that no log shows one by accident.
#[derive(Clone, PartialEq)]
pub struct Parameter(pub(crate) Result<SqlValue, String>);

impl Parameter {
    /// The null of a column type.
    #[must_use]
    pub fn null(column_type: ColumnType) -> Self {
        Self(Ok(null(column_type)))
    }

    /// A value that cannot be sent, with the reason; a statement with it is refused.
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

    /// Like [`text`](Self::text), without a copy.
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

    /// The number of values in an array.
    pub(crate) fn elements(&self) -> usize {
        match &self.0 {
            Ok(SqlValue::Array(_, Some(values))) => values.len(),
            _ => 0,
        }
    }

    /// Whether it is an array without values.
    pub(crate) fn is_empty_array(&self) -> bool {
        matches!(&self.0, Ok(SqlValue::Array(_, Some(values))) if values.is_empty())
    }

    /// The values of an array, or the value itself.
    pub(crate) fn into_elements(self) -> Vec<Self> {
        match self.0 {
            Ok(SqlValue::Array(_, Some(values))) => {
                values.into_iter().map(Self::from_sql).collect()
            }
            other => vec![Self(other)],
        }
    }

    /// The first and the last value of an array.
    pub(crate) fn ends(&self) -> Option<(Self, Self)> {
        match &self.0 {
            Ok(SqlValue::Array(_, Some(values))) => Some((
                Self::from_sql(values.first()?.clone()),
                Self::from_sql(values.last()?.clone()),
            )),
            _ => None,
        }
    }

    /// The number of integers from the first to the last of an array of keys.
    pub(crate) fn span(&self) -> Option<usize> {
        let (first, last) = self.ends()?;
        let steps = last.integer()?.checked_sub(first.integer()?)?;
        usize::try_from(steps).ok()?.checked_add(1)
    }

    /// The only value of an array.
    pub(crate) fn only(&self) -> Self {
        match &self.0 {
            Ok(SqlValue::Array(_, Some(values))) => {
                values.first().map_or_else(|| self.clone(), |only| Self::from_sql(only.clone()))
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

    /// The array, whose texts take on the type of a column each.
    pub(crate) fn of_untyped(self) -> Self {
        Self(self.0.map(|value| match value {
            SqlValue::Array(array_type, Some(values)) => {
                let values = values.into_iter().map(untyped::untyped).collect();
                SqlValue::Array(array_type, Some(Box::new(values)))
            }
            other => other,
        }))
    }

    /// The texts that it is or holds.
    pub(crate) fn texts(&self) -> Vec<&str> {
        match &self.0 {
            Ok(SqlValue::String(Some(text))) => vec![text],
            Ok(SqlValue::Array(ArrayType::String | ArrayType::Char, Some(values))) => values
                .iter()
                .filter_map(|value| match value {
                    SqlValue::String(text) => text.as_deref(),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
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

    /// Whether it can be sent.
    pub(crate) fn is_sendable(&self) -> bool {
        self.0.is_ok()
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

impl Parameter {
    /// A value as `sea_query` holds it.
    pub(crate) fn from_sql(value: SqlValue) -> Self {
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
pub(crate) fn null(column_type: ColumnType) -> SqlValue {
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
pub(crate) fn array_type(column_type: ColumnType) -> ArrayType {
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

/// The values of a statement; many have one.
pub(crate) type Values = SmallVec<[SqlValue; 1]>;

/// The parts of a key as values that are compared; why, where one cannot be sent. Most keys have one part, for which
/// `collect` would be more code than all else here.
pub(crate) fn values_of_key(parts: impl IntoIterator<Item = Parameter>) -> Result<Values, String> {
    let mut values = Values::new();
    for part in parts {
        values.push(part.into_compared()?);
    }
    Ok(values)
}

/// The name of an engine, and how many values a statement may have there.
pub(crate) fn most_values(engine: Engine) -> (&'static str, usize) {
    match engine {
        Engine::Postgres => ("PostgreSQL", 65_535),
        Engine::Sqlite => ("SQLite", 32_766),
    }
}

/// Makes sure that an engine takes so many values in one statement.
pub(crate) fn check_values(engine: Engine, values: usize) -> Result<()> {
    let (name, most) = most_values(engine);
    if values <= most {
        return Ok(());
    }
    Err(Error::invalid_request(format!(
        "the statement has {values} values, and {name} takes {most} at most; use a list with \
         `.is_in(…)`, which is one value",
    )))
}
