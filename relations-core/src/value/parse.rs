//! Values from text, as a request gives them.

use std::any::TypeId;

#[cfg(feature = "serde")]
use sea_query::Value as SqlValue;
#[cfg(feature = "serde")]
use smallvec::SmallVec;

use crate::definition::property::ColumnType;
use crate::value::Value;
#[cfg(feature = "serde")]
use crate::value::key::Key;
use crate::value::parameter::{Parameter, has_nul};
#[cfg(feature = "serde")]
use crate::value::row::Mismatch;
use crate::value::row::{Cell, Stored};

/// The value that a text says; `None` where it is not one of `V`. It is read as from a database that
/// stores texts, so that a type of the user's own decides for itself.
pub(crate) fn parse<V: Value>(text: &str) -> Option<Parameter> {
    let value = V::read(cell(V::TYPE, text, &mut String::new())?).ok()?.into_parameter();
    value.is_sendable().then_some(value)
}

/// The key whose parts some texts say; `None` where they do not say one of `K`.
#[cfg(feature = "serde")]
pub(crate) fn parse_key<K: Key>(texts: &[&str]) -> Option<K> {
    let mut lower: SmallVec<[String; 2]> = texts.iter().map(|_| String::new()).collect();
    let texts_and_types = texts.iter().zip(&mut lower).zip(K::TYPES);
    let cells = texts_and_types.map(|((text, lower), part)| cell(*part, text, lower));
    let mut cells = cells.collect::<Option<SmallVec<[_; 2]>>>()?.into_iter();
    if texts.len() != K::TYPES.len() {
        return None;
    }
    let key = K::read_key(|| cells.next().ok_or(Mismatch::Absent)).ok()?;
    key.to_parameters().iter().all(Parameter::is_sendable).then_some(key)
}

/// A cell as of a database that stores texts; `None` if the text says no value of the type.
fn cell<'a>(column_type: ColumnType, text: &'a str, lower: &'a mut String) -> Option<Cell<'a>> {
    let stored = match column_type {
        ColumnType::Boolean => Stored::Integer(match text {
            "true" => 1,
            "false" => 0,
            _ => return None,
        }),
        ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => {
            Stored::Integer(text.parse().ok()?)
        }
        ColumnType::Real => Stored::Real(text.parse::<f32>().ok()?.into()),
        ColumnType::Double => Stored::Real(text.parse().ok()?),
        ColumnType::Uuid => {
            *lower = text.to_ascii_lowercase();
            Stored::Text(lower)
        }
        _ => Stored::Text(text),
    };
    let is_finite = !matches!(stored, Stored::Real(real) if !real.is_finite());
    (is_finite && !has_nul(text)).then(|| Cell::stored(stored))
}

/// The text that [`parse`] reads as a value of its type again; `None` of values that cannot be given as text.
#[cfg(feature = "serde")]
pub(crate) fn text_of(parameter: &Parameter) -> Option<String> {
    match parameter.0.as_ref().ok()? {
        SqlValue::Bool(Some(value)) => Some(value.to_string()),
        SqlValue::String(Some(text)) => Some(text.clone()),
        #[cfg(feature = "uuid")]
        SqlValue::Uuid(Some(uuid)) => Some(uuid.to_string()),
        #[cfg(feature = "rust_decimal")]
        SqlValue::Decimal(Some(decimal)) => Some(decimal.to_string()),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDate(Some(date)) => Some(date.to_string()),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoTime(Some(time)) => Some(time.to_string()),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTime(Some(moment)) => {
            Some(moment.format("%Y-%m-%dT%H:%M:%S%.f").to_string())
        }
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTimeUtc(Some(moment)) => {
            Some(moment.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string())
        }
        _ => parameter.integer().map(|integer| integer.to_string()),
    }
}

/// The values of a type, in words.
pub(crate) fn described<V: Value>() -> &'static str {
    match V::TYPE {
        ColumnType::Boolean => "`true` or `false`",
        ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => "a whole number",
        ColumnType::Real | ColumnType::Double | ColumnType::Decimal => "a number",
        ColumnType::Text if is_text::<V>() => "a text without NUL characters",
        ColumnType::Text => "one of its own values",
        ColumnType::Date => "a date, as in `2026-11-29`",
        ColumnType::Time => "a time, as in `23:59:00`",
        ColumnType::Timestamp => "a date and a time, as in `2026-11-29T23:59:00`",
        ColumnType::TimestampTz => "a date and a time, as in `2026-11-29T23:59:00Z`",
        ColumnType::Uuid => "a UUID",
        ColumnType::Json => "JSON",
        ColumnType::Bytes | ColumnType::Array(_) | ColumnType::Range(_) | ColumnType::Interval => {
            "values that cannot be given as text"
        }
    }
}

/// Whether patterns match a value of this type.
pub(crate) fn is_text<V: Value>() -> bool {
    TypeId::of::<V>() == TypeId::of::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_whole_or_not_at_all() {
        let read = [
            parse::<bool>("true"),
            parse::<i16>("-32768"),
            parse::<i64>("9223372036854775807"),
            parse::<f32>("1.1"),
            parse::<f64>("-0.5e3"),
            parse::<String>(""),
            parse::<String>("'; DROP TABLE orders; --"),
        ];
        assert!(read.iter().all(Option::is_some), "{read:?}");
        let refused = [
            parse::<bool>("1"),
            parse::<bool>("TRUE"),
            parse::<i16>("32768"),
            parse::<i32>("1.0"),
            parse::<i32>(" 1"),
            parse::<i32>(""),
            parse::<i64>("9223372036854775808"),
            parse::<f32>("1e99"),
            parse::<f64>("NaN"),
            parse::<f64>("inf"),
            parse::<String>("a\0b"),
            parse::<Vec<u8>>("00"),
            parse::<Vec<i32>>("{1}"),
        ];
        assert!(refused.iter().all(Option::is_none), "{refused:?}");
    }
}
