//! Dates and times of the `chrono` crate.
//!
//! SQLite has no types for them and stores texts, which sort in the order of time.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use sea_query::Value as SqlValue;

use crate::value::moment::{Moment, MomentPart};
use crate::value::parameter::Parameter;
use crate::value::types::by::value_by;
use crate::value::{Element, Value};

value!(NaiveDate, Date, ChronoDate, |stored| date(Moment::read(stored.text()?, MomentPart::Date)?));

value!(
    NaiveTime,
    Time,
    (|time: &NaiveTime| unless_leap(time, SqlValue::ChronoTime)),
    |stored| time(Moment::read(stored.text()?, MomentPart::Time)?),
    read = decode_checked
);

value!(
    NaiveDateTime,
    Timestamp,
    (|at: &NaiveDateTime| unless_leap(at, SqlValue::ChronoDateTime)),
    |stored| timestamp(Moment::read(stored.text()?, MomentPart::Timestamp)?)
);

value!(
    DateTime<Utc>,
    TimestampTz,
    (|at: &DateTime<Utc>| unless_leap(at, SqlValue::ChronoDateTimeUtc)),
    |stored| {
        timestamp(Moment::read(stored.text()?, MomentPart::TimestampTz)?)
            .map(|naive| naive.and_utc())
    }
);

impl Element for NaiveDate {}
impl Element for NaiveTime {}
impl Element for NaiveDateTime {}
impl Element for DateTime<Utc> {}
impl Element for DateTime<FixedOffset> {}

// The database keeps the moment and not the zone, so it is read in UTC, which is equal.
value_by!(
    DateTime<FixedOffset> as DateTime<Utc>,
    |at| Value::into_parameter(at.to_utc()),
    |at| Ok(at.fixed_offset())
);

/// A time that is in no leap second: PostgreSQL has none, and would keep the second behind it.
fn unless_leap<T: Timelike + Copy>(time: &T, value: fn(Option<T>) -> SqlValue) -> Parameter {
    if time.nanosecond() >= 1_000_000_000 {
        return Parameter::invalid(
            "is in a leap second, which a database does not keep; take the second before or \
             behind it",
        );
    }
    Parameter::from_sql(value(Some(*time)))
}

fn date(moment: Moment) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(moment.year, moment.month.into(), moment.day.into())
}

fn time(moment: Moment) -> Option<NaiveTime> {
    let Moment { hour, minute, second, nanosecond, .. } = moment;
    NaiveTime::from_hms_nano_opt(hour.into(), minute.into(), second.into(), nanosecond)
}

fn timestamp(moment: Moment) -> Option<NaiveDateTime> {
    Some(NaiveDateTime::new(date(moment)?, time(moment)?))
}

/// The moment of a date and a time; `None` of a part that no moment has.
#[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
pub(crate) fn moment(date: NaiveDate, time: NaiveTime) -> Option<Moment> {
    Some(Moment {
        year: date.year(),
        month: date.month().try_into().ok()?,
        day: date.day().try_into().ok()?,
        hour: time.hour().try_into().ok()?,
        minute: time.minute().try_into().ok()?,
        second: time.second().try_into().ok()?,
        nanosecond: time.nanosecond(),
    })
}
