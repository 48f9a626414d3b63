//! Arrays as the text that PostgreSQL reads, where they are elements of an array themselves.

use std::fmt::{Display, Write};

#[cfg(feature = "chrono")]
use chrono::{DateTime, Datelike, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use sea_query::Value as SqlValue;
#[cfg(feature = "time")]
use time::{Duration, OffsetDateTime, PrimitiveDateTime, Time};

use crate::value::parameter::Parameter;

impl Parameter {
    /// The text of an array, or a null.
    pub(crate) fn literal(self) -> Self {
        Self(self.0.and_then(|value| match value {
            SqlValue::Array(_, Some(elements)) => {
                let mut literal = String::from("{");
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        literal.push(',');
                    }
                    if *element == element.as_null() {
                        literal.push_str("NULL");
                    } else {
                        quote(&mut literal, &text(element)?);
                    }
                }
                literal.push('}');
                Ok(SqlValue::String(Some(literal)))
            }
            _ => Ok(SqlValue::String(None)),
        }))
    }
}

/// An element between quotes: so is what would otherwise be a word, a bracket or nothing.
fn quote(literal: &mut String, text: &str) {
    literal.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            literal.push('\\');
        }
        literal.push(character);
    }
    literal.push('"');
}

/// The text of an element that is not null.
pub(crate) fn text(element: &SqlValue) -> Result<String, String> {
    let text = match element {
        SqlValue::Bool(value) => written(value.as_ref()),
        SqlValue::SmallInt(value) => written(value.as_ref()),
        SqlValue::Int(value) => written(value.as_ref()),
        SqlValue::BigInt(value) => written(value.as_ref()),
        SqlValue::Float(value) => written(value.as_ref()),
        SqlValue::Double(value) => written(value.as_ref()),
        SqlValue::String(value) => value.clone(),
        SqlValue::Bytes(value) => value.as_deref().map(hexadecimal),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDate(value) => dated(value.as_ref()),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoTime(value) => {
            let whole =
                |at: NaiveTime| at - TimeDelta::nanoseconds((at.nanosecond() % 1_000).into());
            written(value.map(whole).as_ref())
        }
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTime(value) => {
            let whole = |at: NaiveDateTime| {
                at + TimeDelta::nanoseconds(to_microsecond(at.year(), at.nanosecond()))
            };
            dated(value.map(whole).as_ref())
        }
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTimeUtc(value) => {
            let whole = |at: DateTime<Utc>| {
                at + TimeDelta::nanoseconds(to_microsecond(at.year(), at.nanosecond()))
            };
            dated(value.map(whole).as_ref())
        }
        #[cfg(feature = "time")]
        SqlValue::TimeDate(value) => dated(value.as_ref()),
        #[cfg(feature = "time")]
        SqlValue::TimeTime(value) => {
            let whole = |at: Time| at - Duration::nanoseconds((at.nanosecond() % 1_000).into());
            written(value.map(whole).as_ref())
        }
        #[cfg(feature = "time")]
        SqlValue::TimeDateTime(value) => {
            let whole = |at: PrimitiveDateTime| {
                at + Duration::nanoseconds(to_microsecond(at.year(), at.nanosecond()))
            };
            dated(value.map(whole).as_ref())
        }
        #[cfg(feature = "time")]
        SqlValue::TimeDateTimeWithTimeZone(value) => {
            let whole = |at: OffsetDateTime| {
                at + Duration::nanoseconds(to_microsecond(at.year(), at.nanosecond()))
            };
            dated(value.map(whole).as_ref())
        }
        #[cfg(feature = "uuid")]
        SqlValue::Uuid(value) => written(value.as_ref()),
        #[cfg(feature = "rust_decimal")]
        SqlValue::Decimal(value) => written(value.as_ref()),
        #[cfg(feature = "json")]
        SqlValue::Json(value) => written(value.as_ref()),
        _ => None,
    };
    text.ok_or_else(|| "has an element that cannot be sent".to_owned())
}

fn written(value: Option<&impl Display>) -> Option<String> {
    value.map(ToString::to_string)
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::from("\\x");
    for byte in bytes {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The nanoseconds to a whole microsecond, to which the driver cuts a time off that is sent alone: toward the
/// year 2000, where PostgreSQL would round.
#[cfg(any(feature = "chrono", feature = "time"))]
fn to_microsecond(year: i32, nanosecond: u32) -> i64 {
    let part = i64::from(nanosecond % 1_000);
    if part > 0 && year < 2_000 { 1_000 - part } else { -part }
}

/// A date, whose year PostgreSQL reads with at least four digits, without a sign, and before the year 1 as one
/// of another era.
#[cfg(any(feature = "chrono", feature = "time"))]
fn dated(value: Option<&impl Display>) -> Option<String> {
    let text = written(value)?;
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
    let (digits, rest) = unsigned.split_once('-')?;
    let year: i64 = digits.parse().ok()?;
    if year == 0 || text.starts_with('-') {
        return Some(format!("{:04}-{rest} BC", year + 1));
    }
    Some(unsigned.to_owned())
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "chrono")]
    #[test]
    fn years_are_those_of_an_era() {
        let dates = [
            ("2024-02-29", "2024-02-29"),
            ("+12024-02-29", "12024-02-29"),
            ("0000-01-01", "0001-01-01 BC"),
            ("-0043-03-15", "0044-03-15 BC"),
        ];
        for (date, text) in dates {
            let date: Option<chrono::NaiveDate> = date.parse().ok();
            assert_eq!(super::dated(date.as_ref()).as_deref(), Some(text));
        }
    }
}
