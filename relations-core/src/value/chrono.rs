//! Dates and times of the `chrono` crate.
//!
//! Where the engine has no type for them they are text of a fixed width, which sorts as they do.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use sea_query::Value as SqlValue;

use super::Parameter;

pub(crate) const DATE: &str = "%Y-%m-%d";
#[cfg(feature = "sqlite")]
pub(crate) const TIME: &str = "%H:%M:%S%.6f";
#[cfg(feature = "sqlite")]
pub(crate) const TIMESTAMP: &str = "%Y-%m-%d %H:%M:%S%.6f";
#[cfg(feature = "sqlite")]
pub(crate) const TIMESTAMP_TZ: &str = "%Y-%m-%d %H:%M:%S%.6f+00:00";

/// What somebody else wrote may have fewer digits, or none, after the second.
const READ_TIME: &str = "%H:%M:%S%.f";
const READ_TIMESTAMP: &str = "%Y-%m-%d %H:%M:%S%.f";

value!(NaiveDate, Date, ChronoDate, |stored| {
    NaiveDate::parse_from_str(stored.text()?, DATE).ok()
});
value!(NaiveTime, Time, (|time: &NaiveTime| unless_leap(time, SqlValue::ChronoTime)), |stored| {
    NaiveTime::parse_from_str(stored.text()?, READ_TIME).ok()
});
value!(
    NaiveDateTime,
    Timestamp,
    (|at: &NaiveDateTime| unless_leap(at, SqlValue::ChronoDateTime)),
    |stored| timestamp(stored.text()?)
);
value!(
    DateTime<Utc>,
    TimestampTz,
    (|at: &DateTime<Utc>| unless_leap(at, SqlValue::ChronoDateTimeUtc)),
    |stored| {
        let text = stored.text()?;
        timestamp(text.strip_suffix("+00:00").unwrap_or(text)).map(|naive| naive.and_utc())
    }
);

/// A time that is in no leap second: PostgreSQL has none, and would keep the second behind it.
fn unless_leap<T: Timelike + Copy>(time: &T, value: fn(Option<T>) -> SqlValue) -> Parameter {
    if time.nanosecond() >= 1_000_000_000 {
        return Parameter::invalid(
            "is in a leap second, which a database does not keep; take the second before or \
             behind it",
        );
    }
    value(Some(*time)).into()
}

fn timestamp(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, READ_TIMESTAMP).ok()
}
