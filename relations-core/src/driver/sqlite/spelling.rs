//! The spellings of a value. SQLite has no types for times, UUIDs and JSON, so another program may
//! have written a value in another way than this crate does, and it is to be found nevertheless.

use std::borrow::Cow;

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};

use crate::sql::spelling::{HIGH, KEPT, LOW, VALUE};
#[cfg(any(feature = "chrono", feature = "time"))]
use crate::value::moment::{Moment, MomentPart};
use crate::value::row::Stored;

pub(crate) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function(VALUE, 2, flags, |arguments| {
        Ok(canonical(word(arguments), stored(arguments.get_raw(1))).map(Cow::into_owned))
    })?;
    connection.create_scalar_function(KEPT, 3, flags, |arguments| {
        let (old, new) = (arguments.get_raw(1), arguments.get_raw(2));
        let is_kept = canonical(word(arguments), stored(old)).is_some_and(|old| {
            canonical(word(arguments), stored(new)).is_some_and(|new| old == new)
        });
        Value::try_from(if is_kept { old } else { new })
            .map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))
    })?;
    connection.create_scalar_function(LOW, 2, flags, |arguments| {
        Ok(bounds(word(arguments), stored(arguments.get_raw(1))).map(|(low, _)| low))
    })?;
    connection.create_scalar_function(HIGH, 2, flags, |arguments| {
        Ok(bounds(word(arguments), stored(arguments.get_raw(1))).map(|(_, high)| high))
    })
}

/// The word for a type.
fn word<'a>(arguments: &'a Context<'_>) -> &'a str {
    arguments.get_raw(0).as_str().unwrap_or_default()
}

/// A value as rows have it.
pub(crate) fn stored(value: ValueRef<'_>) -> Stored<'_> {
    match value {
        ValueRef::Null => Stored::Null,
        ValueRef::Integer(integer) => Stored::Integer(integer),
        ValueRef::Real(real) => Stored::Real(real),
        ValueRef::Text(text) => std::str::from_utf8(text).map_or(Stored::Bytes(text), Stored::Text),
        ValueRef::Blob(bytes) => Stored::Bytes(bytes),
    }
}

/// A value as this crate writes it; `None` of what is not read as one.
fn canonical<'value>(word: &str, stored: Stored<'value>) -> Option<Cow<'value, str>> {
    #[cfg(any(feature = "chrono", feature = "time"))]
    if let Some(part) = part(word) {
        return Some(Moment::read(stored.text()?, part)?.written(part).into());
    }
    match word {
        #[cfg(feature = "uuid")]
        "uuid" => Some(crate::value::types::uuid::from_stored(stored)?.to_string().into()),
        #[cfg(feature = "json")]
        "json" => Some(crate::value::types::json::exact(stored.text()?).ok()?.to_string().into()),
        #[cfg(feature = "rust_decimal")]
        "decimal" => Some(crate::value::types::decimal::from_stored(stored)?.to_string().into()),
        _ => {
            let _ = stored;
            None
        }
    }
}

/// The texts between which all spellings of a time are.
fn bounds(word: &str, stored: Stored<'_>) -> Option<(String, String)> {
    #[cfg(any(feature = "chrono", feature = "time"))]
    if let Some(part) = part(word) {
        return Some(Moment::read(stored.text()?, part)?.bounds(part));
    }
    let _ = (word, stored);
    None
}

#[cfg(any(feature = "chrono", feature = "time"))]
pub(crate) fn part(word: &str) -> Option<MomentPart> {
    Some(match word {
        "date" => MomentPart::Date,
        "time" => MomentPart::Time,
        "timestamp" => MomentPart::Timestamp,
        "timestamptz" => MomentPart::TimestampTz,
        _ => return None,
    })
}
