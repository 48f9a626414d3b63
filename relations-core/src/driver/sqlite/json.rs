//! Values within JSON, as PostgreSQL's operators give them.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value as Stored;
use serde_json::Value;

use crate::driver::sqlite::functions::{Reason, result, word};
use crate::driver::sqlite::spelling::stored;
use crate::sql::call::JSON;
use crate::value::row::Stored as Cell;
use crate::value::types::json::exact;

pub(crate) fn prepare(connection: &Connection, flags: FunctionFlags) -> rusqlite::Result<()> {
    connection.create_scalar_function(JSON, 3, flags, |arguments| {
        result(value(word(arguments, 0), stored(arguments.get_raw(1)), word(arguments, 2)))
    })
}

/// The value at a path, which is a JSON array of texts, as one of a type.
fn value(kind: &str, json: Cell<'_>, path: &str) -> Result<Stored, Reason> {
    let text = match json {
        Cell::Null => return Ok(Stored::Null),
        Cell::Text(text) => text,
        _ => return Err("a column of JSON holds something else".to_owned()),
    };
    let json = exact(text).map_err(|why| why.to_string())?;
    let path: Vec<String> = serde_json::from_str(path).map_err(|why| why.to_string())?;
    let found = path.iter().try_fold(&json, |json, key| step(json, key));
    let Some(found) = found else { return Ok(Stored::Null) };
    Ok(match (kind, found) {
        ("text", Value::Null) => Stored::Null,
        ("text", Value::String(text)) => Stored::Text(text.clone()),
        ("json" | "text", found) => Stored::Text(found.to_string()),
        ("boolean", Value::Bool(boolean)) => Stored::Integer(i64::from(*boolean)),
        ("double", Value::Number(number)) => number.as_f64().map_or(Stored::Null, Stored::Real),
        ("bigint", Value::Number(number)) => integer(number)?,
        _ => Stored::Null,
    })
}

/// The member or the element that a step leads to.
fn step<'json>(json: &'json Value, key: &str) -> Option<&'json Value> {
    match json {
        Value::Object(members) => members.get(key),
        Value::Array(elements) => {
            let at: i64 = key.parse().ok()?;
            let from_end = || elements.len().checked_sub(usize::try_from(at.unsigned_abs()).ok()?);
            let at = if at < 0 { from_end()? } else { usize::try_from(at).ok()? };
            elements.get(at)
        }
        _ => None,
    }
}

/// A number, if it is an integer, also one that is written with a point.
fn integer(number: &serde_json::Number) -> Result<Stored, Reason> {
    if let Some(integer) = number.as_i64() {
        return Ok(Stored::Integer(integer));
    }
    match number.as_f64() {
        Some(float) if float.fract() != 0.0 => Ok(Stored::Null),
        Some(float) if !number.is_u64() => format!("{float:.0}")
            .parse()
            .map(Stored::Integer)
            .map_err(|_| "an integer in JSON is out of the range of an `i64`".to_owned()),
        _ => Err("an integer in JSON is out of the range of an `i64`".to_owned()),
    }
}
