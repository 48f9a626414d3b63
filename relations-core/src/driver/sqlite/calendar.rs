//! Parts of dates and times, and intervals, as PostgreSQL's functions give them.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value as Stored;

use crate::driver::sqlite::functions::{Reason, result, word};
use crate::driver::sqlite::spelling::{part, stored};
use crate::sql::calendar::{PART, SHIFT, TRUNCATE};
use crate::value::moment::{Moment, MomentPart};
use crate::value::row::Stored as Cell;

pub(crate) fn prepare(connection: &Connection, flags: FunctionFlags) -> rusqlite::Result<()> {
    connection.create_scalar_function(PART, 3, flags, |arguments| {
        let of = |moment: Moment| {
            let value = moment.part(word(arguments, 2)).map(Stored::Integer);
            value.ok_or_else(|| "a date has no such part".to_owned())
        };
        result(with(word(arguments, 0), stored(arguments.get_raw(1)), |moment, _| of(moment)))
    })?;
    connection.create_scalar_function(TRUNCATE, 3, flags, |arguments| {
        result(with(word(arguments, 0), stored(arguments.get_raw(1)), |moment, part| {
            written(moment.truncated(word(arguments, 2)), part)
        }))
    })?;
    connection.create_scalar_function(SHIFT, 3, flags, |arguments| {
        result(with(word(arguments, 0), stored(arguments.get_raw(1)), |moment, part| {
            written(shifted(moment, word(arguments, 2)), part)
        }))
    })
}

/// The result of a function of a moment; null of a null.
fn with(
    of: &str,
    value: Cell<'_>,
    function: impl FnOnce(Moment, MomentPart) -> Result<Stored, Reason>,
) -> Result<Stored, Reason> {
    if value == Cell::Null {
        return Ok(Stored::Null);
    }
    let moment = part(of).and_then(|part| Some((Moment::read(value.text()?, part)?, part)));
    let Some((moment, part)) = moment else {
        return Err(format!("a value is not one of type {of}"));
    };
    function(moment, part)
}

fn written(moment: Option<Moment>, part: MomentPart) -> Result<Stored, Reason> {
    let moment = moment.ok_or("a date is out of range, which ends at the year 9999")?;
    Ok(Stored::Text(moment.written(part)))
}

/// A moment later by an interval, as [`sql/calendar.rs`](crate::sql::calendar) writes it.
fn shifted(moment: Moment, interval: &str) -> Option<Moment> {
    let mut words = interval.split(' ').step_by(2);
    let months = words.next()?.parse().ok()?;
    let days = words.next()?.parse().ok()?;
    let microseconds = words.next()?.parse().ok()?;
    moment.shifted(months, days, microseconds)
}

/// A date or a time as one of another type; `None` where it is neither.
pub(crate) fn cast(from: &str, to: &str, value: &Cell<'_>) -> Option<Result<Stored, Reason>> {
    let (from_part, to_part) = (part(from)?, part(to)?);
    let Some(moment) = value.text().and_then(|text| Moment::read(text, from_part)) else {
        return Some(Err(format!("a value is not one of type {from}")));
    };
    let moment = if to_part == MomentPart::Date { moment.truncated("day") } else { Some(moment) };
    Some(written(moment, to_part))
}
