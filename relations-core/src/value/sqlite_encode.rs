//! The encoding of values for SQLite.

use std::fmt::Write;

#[cfg(feature = "chrono")]
use chrono::{NaiveDate, NaiveTime};
use rusqlite::types::Value as Stored;
use sea_query::{ArrayType, Value as SqlValue};

use crate::error::{Error, Result};
#[cfg(any(feature = "chrono", feature = "time"))]
use crate::value::moment::{Moment, MomentPart};
use crate::value::parameter::Parameter;
use crate::value::untyped::text_of_untyped;

/// A value as SQLite stores it, or why it cannot be.
pub(crate) fn store(value: &SqlValue) -> Result<Stored> {
    Ok(match value {
        SqlValue::Bool(value) => value.map_or(Stored::Null, |value| Stored::Integer(value.into())),
        SqlValue::SmallInt(value) => integer(*value),
        SqlValue::Int(value) => integer(*value),
        SqlValue::BigInt(value) => integer(*value),
        SqlValue::BigUnsigned(value) => {
            let value = value.map(i64::try_from).transpose();
            integer(
                value.map_err(|_| {
                    Error::invalid_request("a number of rows does not fit in 63 bits")
                })?,
            )
        }
        SqlValue::Float(value) => real(value.map(f64::from))?,
        SqlValue::Double(value) => real(*value)?,
        SqlValue::String(value) => text(value.clone()),
        SqlValue::Bytes(value) => value.clone().map_or(Stored::Null, Stored::Blob),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDate(value) => {
            text(value.map(|date| chrono(date, NaiveTime::MIN, MomentPart::Date)).transpose()?)
        }
        #[cfg(feature = "chrono")]
        SqlValue::ChronoTime(value) => text(
            value.map(|time| chrono(NaiveDate::default(), time, MomentPart::Time)).transpose()?,
        ),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTime(value) => {
            text(value.map(|at| chrono(at.date(), at.time(), MomentPart::Timestamp)).transpose()?)
        }
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTimeUtc(value) => {
            let utc = value.map(|at| at.naive_utc());
            text(utc.map(|at| chrono(at.date(), at.time(), MomentPart::TimestampTz)).transpose()?)
        }
        #[cfg(feature = "time")]
        SqlValue::TimeDate(value) => text(
            value.map(|date| time(date, ::time::Time::MIDNIGHT, MomentPart::Date)).transpose()?,
        ),
        #[cfg(feature = "time")]
        SqlValue::TimeTime(value) => {
            let day = ::time::OffsetDateTime::UNIX_EPOCH.date();
            text(value.map(|of_day| time(day, of_day, MomentPart::Time)).transpose()?)
        }
        #[cfg(feature = "time")]
        SqlValue::TimeDateTime(value) => {
            text(value.map(|at| time(at.date(), at.time(), MomentPart::Timestamp)).transpose()?)
        }
        #[cfg(feature = "time")]
        SqlValue::TimeDateTimeWithTimeZone(value) => {
            let utc = value.map(|at| at.to_offset(::time::UtcOffset::UTC));
            text(utc.map(|at| time(at.date(), at.time(), MomentPart::TimestampTz)).transpose()?)
        }
        #[cfg(feature = "uuid")]
        SqlValue::Uuid(value) => text(value.map(|uuid| uuid.to_string())),
        #[cfg(feature = "rust_decimal")]
        SqlValue::Decimal(value) => text(value.map(|decimal| decimal.to_string())),
        #[cfg(feature = "json")]
        SqlValue::Json(value) => text(value.as_ref().map(ToString::to_string)),
        SqlValue::Array(ArrayType::Char, _) => text(text_of_untyped(value).cloned()),
        SqlValue::Array(..) => return Err(Error::invalid_request("SQLite has no arrays")),
        _ => {
            return Err(Error::invalid_request(
                "a raw condition holds a value that SQLite cannot store",
            ));
        }
    })
}

fn integer(value: Option<impl Into<i64>>) -> Stored {
    value.map_or(Stored::Null, |value| Stored::Integer(value.into()))
}

fn text(value: Option<String>) -> Stored {
    value.map_or(Stored::Null, Stored::Text)
}

/// SQLite would take a float that is not a number for a null.
fn real(value: Option<f64>) -> Result<Stored> {
    match value {
        Some(value) if value.is_nan() => Err(Error::invalid_request("SQLite cannot store NaN")),
        Some(value) => Ok(Stored::Real(value)),
        None => Ok(Stored::Null),
    }
}

/// Dates are text that sorts as they do, which takes four digits of a year.
#[cfg(any(feature = "chrono", feature = "time"))]
fn written(moment: Moment, part: MomentPart) -> Result<String> {
    if (0..=9999).contains(&moment.year) {
        Ok(moment.written(part))
    } else {
        Err(Error::invalid_request("SQLite stores only years from 0 to 9999"))
    }
}

#[cfg(feature = "chrono")]
fn chrono(date: NaiveDate, time: NaiveTime, part: MomentPart) -> Result<String> {
    let moment = crate::value::types::chrono::moment(date, time);
    written(moment.ok_or_else(|| Error::invalid_request("SQLite cannot store this date"))?, part)
}

#[cfg(feature = "time")]
fn time(date: ::time::Date, time: ::time::Time, part: MomentPart) -> Result<String> {
    written(crate::value::types::time::moment(date, time), part)
}

/// Several values as a JSON array; several arrays as one of their tuples.
pub(crate) fn json_array(arrays: &[Parameter]) -> Result<String> {
    let mut columns = Vec::with_capacity(arrays.len());
    for array in arrays {
        match array.clone().into_sql().map_err(Error::invalid_request)? {
            SqlValue::Array(_, Some(values)) => columns.push(values.into_iter()),
            _ => return Err(Error::invalid_request("only an array can be sent as one")),
        }
    }
    let mut json = String::from("[");
    loop {
        let row: Vec<_> = columns.iter_mut().filter_map(Iterator::next).collect();
        if row.is_empty() {
            break;
        }
        if json.len() > 1 {
            json.push(',');
        }
        match row.as_slice() {
            [only] if arrays.len() == 1 => push_json(&mut json, &store(only)?),
            parts => {
                json.push('[');
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        json.push(',');
                    }
                    push_json(&mut json, &store(part)?);
                }
                json.push(']');
            }
        }
    }
    json.push(']');
    Ok(json)
}

fn push_json(json: &mut String, value: &Stored) {
    match value {
        Stored::Null => json.push_str("null"),
        Stored::Integer(integer) => push(json, format_args!("{integer}")),
        Stored::Real(real) if real.is_finite() => push(json, format_args!("{real:?}")),
        // SQLite reads what is beyond all floats as infinite.
        Stored::Real(real) => json.push_str(if *real > 0.0 { "9e999" } else { "-9e999" }),
        Stored::Text(text) => push_json_text(json, text),
        // The statement reads them by `unhex`.
        Stored::Blob(bytes) => {
            json.push('"');
            for byte in bytes {
                push(json, format_args!("{byte:02x}"));
            }
            json.push('"');
        }
    }
}

fn push_json_text(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                json.push('\\');
                json.push(character);
            }
            control if control < ' ' => push(json, format_args!("\\u{:04x}", control as u32)),
            other => json.push(other),
        }
    }
    json.push('"');
}

/// Writing to a `String` cannot fail.
fn push(json: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = json.write_fmt(text);
}
