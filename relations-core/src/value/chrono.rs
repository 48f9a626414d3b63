//! Dates and times of the `chrono` crate.
//!
//! Where the engine has no type for them they are text of a fixed width, which sorts as they do.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

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
value!(NaiveTime, Time, ChronoTime, |stored| {
    NaiveTime::parse_from_str(stored.text()?, READ_TIME).ok()
});
value!(NaiveDateTime, Timestamp, ChronoDateTime, |stored| timestamp(stored.text()?));
value!(DateTime<Utc>, TimestampTz, ChronoDateTimeUtc, |stored| {
    let text = stored.text()?;
    timestamp(text.strip_suffix("+00:00").unwrap_or(text)).map(|naive| naive.and_utc())
});

fn timestamp(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, READ_TIMESTAMP).ok()
}
