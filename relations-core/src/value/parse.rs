//! Values from text, as a request gives them.

use std::any::TypeId;

use crate::definition::property::ColumnType;
use crate::value::Value;
use crate::value::parameter::{Parameter, has_nul};
use crate::value::row::{Cell, Stored};

/// The value that a text says; `None` where it is not one of `V`. It is read as from a database that
/// stores texts, so that a type of the user's own decides for itself.
pub(crate) fn parse<V: Value>(text: &str) -> Option<Parameter> {
    let lower;
    let stored = match V::TYPE {
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
            lower = text.to_ascii_lowercase();
            Stored::Text(&lower)
        }
        _ => Stored::Text(text),
    };
    if has_nul(text) || matches!(stored, Stored::Real(real) if !real.is_finite()) {
        return None;
    }
    let value = V::read(Cell::stored(stored)).ok()?.into_parameter();
    value.is_sendable().then_some(value)
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
        ColumnType::Bytes | ColumnType::Array(_) => "values that cannot be given as text",
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
