//! Dates and times of the `chrono` crate.
//!
//! Where the engine has no type for them they are text of a fixed width, which sorts as they do.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::row::Stored;

pub(crate) const DATE: &str = "%Y-%m-%d";
pub(crate) const TIME: &str = "%H:%M:%S%.6f";
pub(crate) const TIMESTAMP: &str = "%Y-%m-%d %H:%M:%S%.6f";
pub(crate) const TIMESTAMP_TZ: &str = "%Y-%m-%d %H:%M:%S%.6f+00:00";

value!(NaiveDate, Date, ChronoDate, |stored| {
    NaiveDate::parse_from_str(stored.text()?, DATE).ok()
});
value!(NaiveTime, Time, ChronoTime, |stored| {
    NaiveTime::parse_from_str(stored.text()?, TIME).ok()
});
value!(NaiveDateTime, Timestamp, ChronoDateTime, timestamp);
value!(DateTime<Utc>, TimestampTz, ChronoDateTimeUtc, |stored| {
    NaiveDateTime::parse_from_str(stored.text()?, TIMESTAMP_TZ).ok().map(|naive| naive.and_utc())
});

fn timestamp(stored: Stored<'_>) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(stored.text()?, TIMESTAMP).ok()
}
