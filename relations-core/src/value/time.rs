//! Dates and times of the `time` crate.
//!
//! Where the engine has no type for them they are text of a fixed width, which sorts as they do.

use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};

pub(crate) const DATE: StaticFormatDescription = format_description!("[year]-[month]-[day]");
#[cfg(feature = "sqlite")]
pub(crate) const TIME: StaticFormatDescription =
    format_description!("[hour]:[minute]:[second].[subsecond digits:6]");
#[cfg(feature = "sqlite")]
pub(crate) const TIMESTAMP: StaticFormatDescription =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:6]");
#[cfg(feature = "sqlite")]
pub(crate) const TIMESTAMP_TZ: StaticFormatDescription =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:6]+00:00");

/// What somebody else wrote may have fewer digits, or none, after the second.
const READ_TIME: StaticFormatDescription =
    format_description!(version = 2, "[hour]:[minute]:[second][optional [.[subsecond]]]");
const READ_TIMESTAMP: StaticFormatDescription = format_description!(
    version = 2,
    "[year]-[month]-[day] [hour]:[minute]:[second][optional [.[subsecond]]]"
);

value!(Date, Date, TimeDate, |stored| Date::parse(stored.text()?, DATE).ok());
value!(Time, Time, TimeTime, |stored| Time::parse(stored.text()?, READ_TIME).ok());
value!(PrimitiveDateTime, Timestamp, TimeDateTime, |stored| timestamp(stored.text()?));
value!(OffsetDateTime, TimestampTz, TimeDateTimeWithTimeZone, |stored| {
    let text = stored.text()?;
    timestamp(text.strip_suffix("+00:00").unwrap_or(text)).map(PrimitiveDateTime::assume_utc)
});

fn timestamp(text: &str) -> Option<PrimitiveDateTime> {
    PrimitiveDateTime::parse(text, READ_TIMESTAMP).ok()
}
