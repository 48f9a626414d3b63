//! Functions that PostgreSQL has and SQLite lacks, as PostgreSQL's give their results.

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::Value as Stored;
use rusqlite::{Connection, Error};

use crate::driver::sqlite::spelling::stored;
use crate::sql::call::{CAST, LOWER, UPPER};
use crate::sql::predicate::folded;
use crate::value::row::Stored as Cell;

/// Why a function has no result.
pub(crate) type Reason = String;

pub(crate) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(LOWER, 1, flags, |arguments| {
        Ok(arguments.get::<Option<String>>(0)?.map(|text| folded(&text)))
    })?;
    connection.create_scalar_function(UPPER, 1, flags, |arguments| {
        Ok(arguments.get::<Option<String>>(0)?.map(|text| capitals(&text)))
    })?;
    connection.create_scalar_function(CAST, 3, flags, |arguments| {
        result(cast(word(arguments, 0), word(arguments, 1), stored(arguments.get_raw(2))))
    })?;
    #[cfg(feature = "json")]
    super::json::prepare(connection, flags)?;
    #[cfg(any(feature = "chrono", feature = "time"))]
    super::calendar::prepare(connection, flags)?;
    Ok(())
}

/// A word that names a type, a part or a unit.
pub(crate) fn word<'a>(arguments: &'a Context<'_>, at: usize) -> &'a str {
    arguments.get_raw(at).as_str().unwrap_or_default()
}

/// The result of a function, or the error of the statement.
pub(crate) fn result(result: Result<Stored, Reason>) -> rusqlite::Result<Stored> {
    result.map_err(|why| Error::UserFunctionError(why.into()))
}

/// A text in capitals, letter by letter and each as one letter.
fn capitals(text: &str) -> String {
    let capital = |letter: char| {
        let mut capitals = letter.to_uppercase();
        match (capitals.next(), capitals.next()) {
            (Some(only), None) => only,
            _ => letter,
        }
    };
    text.chars().map(capital).collect()
}

/// A value of one type as one of another, as PostgreSQL casts it.
fn cast(from: &str, to: &str, value: Cell<'_>) -> Result<Stored, Reason> {
    let value = match value {
        Cell::Null => return Ok(Stored::Null),
        value => value,
    };
    #[cfg(any(feature = "chrono", feature = "time"))]
    if let Some(result) = super::calendar::cast(from, to, &value) {
        return result;
    }
    match to {
        "smallint" | "integer" | "bigint" => integer(to, value),
        "double" => float(value).map(Stored::Real),
        "decimal" => decimal(value),
        "text" => text(from, value),
        _ => Err(format!("a `{from}` is not made a `{to}`")),
    }
}

fn integer(to: &str, value: Cell<'_>) -> Result<Stored, Reason> {
    let integer = match value {
        Cell::Integer(integer) => Some(integer),
        Cell::Text(text) => match text.trim().parse::<i64>() {
            Ok(integer) => Some(integer),
            Err(_) => rounded(text),
        },
        _ => rounded_float(value),
    };
    let fits = |integer: &i64| match to {
        "smallint" => i16::try_from(*integer).is_ok(),
        "integer" => i32::try_from(*integer).is_ok(),
        _ => true,
    };
    integer
        .filter(fits)
        .map(Stored::Integer)
        .ok_or_else(|| format!("a value is not one of type {to}, or is out of its range"))
}

/// A decimal as an integer, a half away from zero. A text of digits alone is an integer already.
#[cfg(feature = "rust_decimal")]
fn rounded(text: &str) -> Option<i64> {
    use rust_decimal::prelude::ToPrimitive;
    let decimal: rust_decimal::Decimal = text.parse().ok()?;
    let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    decimal.round_dp_with_strategy(0, strategy).to_i64()
}

#[cfg(not(feature = "rust_decimal"))]
fn rounded(_: &str) -> Option<i64> {
    None
}

/// A decimal that another program has stored as a float.
fn rounded_float(value: Cell<'_>) -> Option<i64> {
    match value {
        Cell::Real(real) if real.is_finite() => rounded(&real.to_string()),
        _ => None,
    }
}

#[allow(clippy::cast_precision_loss, reason = "the nearest float is meant")]
fn float(value: Cell<'_>) -> Result<f64, Reason> {
    match value {
        Cell::Integer(integer) => Ok(integer as f64),
        Cell::Real(real) => Ok(real),
        Cell::Text(text) => text.trim().parse().map_err(|_| "a text is not a number".to_owned()),
        Cell::Null | Cell::Bytes(_) => Err("a value is not a number".to_owned()),
    }
}

#[cfg(feature = "rust_decimal")]
fn decimal(value: Cell<'_>) -> Result<Stored, Reason> {
    let decimal = match value {
        Cell::Integer(integer) => Some(integer.into()),
        Cell::Text(text) => rust_decimal::Decimal::from_str_exact(text.trim()).ok(),
        value => crate::value::types::decimal::from_stored(value),
    };
    decimal
        .map(|decimal| Stored::Text(decimal.to_string()))
        .ok_or_else(|| "a value is not a decimal, or has too many digits".to_owned())
}

#[cfg(not(feature = "rust_decimal"))]
fn decimal(_: Cell<'_>) -> Result<Stored, Reason> {
    Err("decimals need the feature `rust_decimal`".to_owned())
}

fn text(from: &str, value: Cell<'_>) -> Result<Stored, Reason> {
    match (from, value) {
        ("boolean", Cell::Integer(integer)) => {
            Ok(Stored::Text(if integer == 0 { "false" } else { "true" }.to_owned()))
        }
        ("decimal", value @ (Cell::Integer(_) | Cell::Real(_))) => decimal(value),
        ("uuid", value) => uuid(value),
        (_, Cell::Integer(integer)) => Ok(Stored::Text(integer.to_string())),
        (_, Cell::Text(text)) => Ok(Stored::Text(text.to_owned())),
        _ => Err(format!("a value is not one of type {from}")),
    }
}

#[cfg(feature = "uuid")]
fn uuid(value: Cell<'_>) -> Result<Stored, Reason> {
    let uuid = crate::value::types::uuid::from_stored(value);
    uuid.map(|uuid| Stored::Text(uuid.to_string())).ok_or_else(|| "a value is not a UUID".into())
}

#[cfg(not(feature = "uuid"))]
fn uuid(_: Cell<'_>) -> Result<Stored, Reason> {
    Err("UUIDs need the feature `uuid`".to_owned())
}
