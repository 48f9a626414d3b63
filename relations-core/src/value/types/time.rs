//! Dates and times of the `time` crate.
//!
//! SQLite has no types for them and stores texts, which sort in the order of time.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

use crate::value::Element;
use crate::value::moment::{Moment, MomentPart};
use crate::value::parameter::Parameter;

value!(Date, Date, TimeDate, |stored| date(Moment::read(stored.text()?, MomentPart::Date)?));

value!(
    Time,
    Time,
    (|time: &Time| Parameter::from_sql(sea_query::Value::TimeTime(Some(*time)))),
    |stored| time(Moment::read(stored.text()?, MomentPart::Time)?),
    read = decode_checked
);

value!(PrimitiveDateTime, Timestamp, TimeDateTime, |stored| {
    timestamp(Moment::read(stored.text()?, MomentPart::Timestamp)?)
});

value!(OffsetDateTime, TimestampTz, TimeDateTimeWithTimeZone, |stored| {
    timestamp(Moment::read(stored.text()?, MomentPart::TimestampTz)?)
        .map(PrimitiveDateTime::assume_utc)
});

impl Element for Date {}
impl Element for Time {}
impl Element for PrimitiveDateTime {}
impl Element for OffsetDateTime {}

fn date(moment: Moment) -> Option<Date> {
    Date::from_calendar_date(moment.year, Month::try_from(moment.month).ok()?, moment.day).ok()
}

fn time(moment: Moment) -> Option<Time> {
    let Moment { hour, minute, second, nanosecond, .. } = moment;
    Time::from_hms_nano(hour, minute, second, nanosecond).ok()
}

fn timestamp(moment: Moment) -> Option<PrimitiveDateTime> {
    Some(PrimitiveDateTime::new(date(moment)?, time(moment)?))
}

/// The moment of a date and a time.
#[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
pub(crate) fn moment(date: Date, time: Time) -> Moment {
    Moment {
        year: date.year(),
        month: date.month().into(),
        day: date.day(),
        hour: time.hour(),
        minute: time.minute(),
        second: time.second(),
        nanosecond: time.nanosecond(),
    }
}
