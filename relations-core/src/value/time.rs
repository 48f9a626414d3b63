//! Dates and times of the `time` crate.
//!
//! Where the engine has no type for them they are text of a fixed width, which sorts as they do.

use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};

pub(crate) const DATE: StaticFormatDescription = format_description!("[year]-[month]-[day]");
pub(crate) const TIME: StaticFormatDescription =
    format_description!("[hour]:[minute]:[second].[subsecond digits:6]");
pub(crate) const TIMESTAMP: StaticFormatDescription =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:6]");
pub(crate) const TIMESTAMP_TZ: StaticFormatDescription =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:6]+00:00");

value!(Date, Date, TimeDate, |stored| Date::parse(stored.text()?, DATE).ok());
value!(Time, Time, TimeTime, |stored| Time::parse(stored.text()?, TIME).ok());
value!(PrimitiveDateTime, Timestamp, TimeDateTime, |stored| {
    PrimitiveDateTime::parse(stored.text()?, TIMESTAMP).ok()
});
value!(OffsetDateTime, TimestampTz, TimeDateTimeWithTimeZone, |stored| {
    PrimitiveDateTime::parse(stored.text()?, TIMESTAMP_TZ).ok().map(PrimitiveDateTime::assume_utc)
});
