//! Calculates with numbers as PostgreSQL does: in their own type, with an error where a result does
//! not fit it.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::Value as Stored;

use crate::sql::arithmetic::CALCULATE;

pub(crate) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function(CALCULATE, 4, flags, |arguments| {
        let (left, right) = (arguments.get(2)?, arguments.get(3)?);
        if left == Stored::Null || right == Stored::Null {
            return Ok(Stored::Null);
        }
        calculated(arguments, &left, &right).map_err(|why| {
            rusqlite::Error::UserFunctionError(Box::<dyn std::error::Error + Send + Sync>::from(
                why,
            ))
        })
    })
}

fn calculated(
    arguments: &Context<'_>,
    left: &Stored,
    right: &Stored,
) -> Result<Stored, &'static str> {
    let text = |at| arguments.get_raw(at).as_str().unwrap_or_default();
    let (operator, number) = (text(0), text(1));
    match (number, left, right) {
        ("smallint" | "integer" | "bigint", Stored::Integer(left), Stored::Integer(right)) => {
            integers(operator, number, *left, *right).map(Stored::Integer)
        }
        ("real" | "double", left, right) => {
            floats(operator, number, float(left)?, float(right)?).map(Stored::Real)
        }
        #[cfg(feature = "rust_decimal")]
        ("decimal", left, right) => decimals(operator, left, right).map(Stored::Text),
        _ => Err(NO_NUMBER),
    }
}

const NO_NUMBER: &str = "a column holds something that is not a number of its type";

const OUT_OF_RANGE: &str = "the result of a calculation is out of range";

const BY_ZERO: &str = "division by zero";

fn integers(operator: &str, number: &str, left: i64, right: i64) -> Result<i64, &'static str> {
    let result = match operator {
        "+" => left.checked_add(right),
        "-" => left.checked_sub(right),
        "*" => left.checked_mul(right),
        _ if right == 0 => return Err(BY_ZERO),
        _ => left.checked_div(right),
    };
    let fits = |result: &i64| match number {
        "smallint" => i16::try_from(*result).is_ok(),
        "integer" => i32::try_from(*result).is_ok(),
        _ => true,
    };
    result.filter(fits).ok_or(OUT_OF_RANGE)
}

/// SQLite gives a float without a fraction as an integer where it was one once.
#[allow(clippy::cast_precision_loss, reason = "a column of floats holds no other integers")]
fn float(stored: &Stored) -> Result<f64, &'static str> {
    match stored {
        Stored::Real(float) => Ok(*float),
        Stored::Integer(integer) => Ok(*integer as f64),
        _ => Err(NO_NUMBER),
    }
}

fn floats(operator: &str, number: &str, left: f64, right: f64) -> Result<f64, &'static str> {
    let result = match operator {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        _ if right == 0.0 => return Err(BY_ZERO),
        _ => left / right,
    };
    // Of two short floats, the long result rounded once is what short arithmetic gives.
    #[allow(clippy::cast_possible_truncation, reason = "that is how it is rounded")]
    let result = if number == "real" { f64::from(result as f32) } else { result };
    let is_new = result.is_infinite() && left.is_finite() && right.is_finite();
    if result.is_nan() || is_new { Err(OUT_OF_RANGE) } else { Ok(result) }
}

#[cfg(feature = "rust_decimal")]
fn decimals(operator: &str, left: &Stored, right: &Stored) -> Result<String, &'static str> {
    let decimal = |stored: &Stored| {
        crate::value::types::decimal::from_stored(crate::value::row::Stored::from(stored))
            .ok_or(NO_NUMBER)
    };
    let (left, right) = (decimal(left)?, decimal(right)?);
    let result = match operator {
        "+" => left.checked_add(right),
        "-" => left.checked_sub(right),
        "*" => left.checked_mul(right),
        _ if right.is_zero() => return Err(BY_ZERO),
        _ => left.checked_div(right),
    };
    result.map(|result| result.to_string()).ok_or(OUT_OF_RANGE)
}
