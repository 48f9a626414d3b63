//! Intervals of PostgreSQL, and lengths of time.

use crate::definition::property::ColumnType;
use crate::value::mismatch::Mismatch;
use crate::value::parameter::Parameter;
use crate::value::row::Cell;
use crate::value::types::by::value_by;
use crate::value::unfit::explained;
use crate::value::{Element, Value};

/// A span of time, as [`days(7)`](crate::expression::days): to add to a date or a time, and a column of the type
/// `interval` on PostgreSQL. SQLite has none, which is an error when the schema is built.
///
/// Months are added first, then days, then what is shorter, as PostgreSQL does: a day that the month
/// does not have becomes its last.
///
/// A month has no fixed number of days, and a day between two changes of the clock no fixed number of hours, so an
/// interval keeps each by itself. To PostgreSQL, which compares a month as 30 days and a day as 24 hours, two
/// intervals may be equal that are not equal here. A property that is a plain length of time is a
/// [`Duration`](std::time::Duration), or a `chrono::TimeDelta` or a `time::Duration`: a day of an interval is read as
/// 24 hours there, and one with months is an error.
///
/// ```
/// use relations::prelude::*;
/// use relations::expression::{Interval, days};
///
/// #[derive(Entity)]
/// struct Plan {
///     #[id]
///     id: i64,
///     renewed_every: Interval,
///     reminder: chrono::TimeDelta,
/// }
///
/// let yearly = Interval::new(12, 0, 0);
/// assert_eq!((yearly.months(), yearly.days(), yearly.microseconds()), (12, 0, 0));
/// let rare = Plan::find().filter(Plan::RENEWED_EVERY.gt(days(60)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default, deny_unknown_fields)
)]
#[must_use = "an interval does nothing until it is added to a column"]
pub struct Interval {
    pub(crate) months: i32,
    pub(crate) days: i32,
    pub(crate) microseconds: i64,
}

impl Interval {
    /// An interval of months, days and microseconds, each of which may be negative.
    pub const fn new(months: i32, days: i32, microseconds: i64) -> Self {
        Self { months, days, microseconds }
    }

    /// The months, of which twelve are a year.
    #[must_use]
    pub const fn months(self) -> i32 {
        self.months
    }

    /// The days beside the months.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.days
    }

    /// The time beside the days, which may be longer than a day.
    #[must_use]
    pub const fn microseconds(self) -> i64 {
        self.microseconds
    }

    /// The interval that goes the other way; `None` where it has no such.
    pub(crate) fn negated(self) -> Option<Self> {
        Some(Self {
            months: self.months.checked_neg()?,
            days: self.days.checked_neg()?,
            microseconds: self.microseconds.checked_neg()?,
        })
    }

    /// The interval of a date, to which 24 hours are a day; `None` where it is not one of whole days.
    pub(crate) fn in_days(self) -> Option<Self> {
        const DAY: i64 = 86_400_000_000;
        let days = i32::try_from(self.microseconds / DAY).ok()?;
        let is_whole = self.microseconds % DAY == 0;
        is_whole.then_some(Self::new(self.months, self.days.checked_add(days)?, 0))
    }

    /// The text that PostgreSQL reads. Each part has a sign, as without one a setting of the session decides
    /// about it.
    pub(crate) fn written(self) -> String {
        let Self { months, days, microseconds } = self;
        let sign = if microseconds < 0 { '-' } else { '+' };
        let of_day = microseconds.unsigned_abs();
        let (seconds, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        format!(
            "{months:+} months {days:+} days {sign}{hours} hours {sign}{minutes} minutes \
             {sign}{seconds}.{fraction:06} seconds"
        )
    }

    /// The seconds and nanoseconds of a plain length of time, which months have not.
    fn length(self) -> Result<(i64, i32), Mismatch> {
        if self.months != 0 {
            return Err(Mismatch::Value(
                "an interval with months, which have no fixed length; make the property a \
                 `relations::value::Interval`"
                    .into(),
            ));
        }
        let time = i128::from(self.days) * 86_400_000_000 + i128::from(self.microseconds);
        // 2³¹ days and 2⁶³ microseconds are less than 2⁶³ seconds.
        let seconds = i64::try_from(time / 1_000_000).unwrap_or_default();
        let nanoseconds = i32::try_from(time % 1_000_000).unwrap_or_default() * 1_000;
        Ok((seconds, nanoseconds))
    }
}

/// A length of time that is an interval, unless it is too long for one.
pub(crate) trait Length: Copy {
    /// The interval; what is shorter than a microsecond is cut off.
    fn interval(self) -> Option<Interval>;
}

impl Length for Interval {
    fn interval(self) -> Option<Interval> {
        Some(self)
    }
}

/// The interval of seconds, and of nanoseconds with their sign.
fn of_seconds(seconds: i64, nanoseconds: i32) -> Option<Interval> {
    let microseconds = i128::from(seconds) * 1_000_000 + i128::from(nanoseconds / 1_000);
    Some(Interval::new(0, 0, i64::try_from(microseconds).ok()?))
}

fn parameter(length: impl Length) -> Parameter {
    match length.interval() {
        Some(interval) => Value::into_parameter(interval),
        None => Parameter::invalid(
            "is a time of more than 292,471 years, which an interval does not hold",
        ),
    }
}

impl Value for Interval {
    const TYPE: ColumnType = ColumnType::Interval;

    const SQL_TYPE: Option<&'static str> = Some("interval");

    fn to_parameter(&self) -> Parameter {
        Parameter::owned_text(self.written())
    }

    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        let raw = cell.sent("interval").map_err(|why| explained(why, Self::TYPE, cell))?;
        from_sent(raw).ok_or_else(|| {
            let why = "an infinite interval, which its Rust type does not hold; make the property a \
                       `String` with `#[column(type = \"interval\")]`";
            Mismatch::Value(why.into())
        })
    }
}

impl Element for Interval {}

/// An interval as PostgreSQL sends it; `None` of an infinite one.
fn from_sent(raw: &[u8]) -> Option<Interval> {
    const INFINITE: [Interval; 2] =
        [Interval::new(i32::MIN, i32::MIN, i64::MIN), Interval::new(i32::MAX, i32::MAX, i64::MAX)];
    let (microseconds, rest) = raw.split_first_chunk()?;
    let (days, rest) = rest.split_first_chunk()?;
    let months = i32::from_be_bytes(rest.try_into().ok()?);
    let (days, microseconds) = (i32::from_be_bytes(*days), i64::from_be_bytes(*microseconds));
    let interval = Interval { months, days, microseconds };
    (!INFINITE.contains(&interval)).then_some(interval)
}

impl Length for std::time::Duration {
    fn interval(self) -> Option<Interval> {
        of_seconds(i64::try_from(self.as_secs()).ok()?, self.subsec_nanos().cast_signed())
    }
}

value_by!(std::time::Duration as Interval = "interval", |length| parameter(*length), |interval| {
    let (seconds, nanoseconds) = interval.length()?;
    let parts = u64::try_from(seconds).ok().zip(u32::try_from(nanoseconds).ok());
    let (seconds, nanoseconds) = parts.ok_or_else(|| {
        let why = "a negative interval, which `Duration` does not hold; make the property a \
                       `relations::value::Interval`";
        Mismatch::Value(why.into())
    })?;
    Ok(Self::new(seconds, nanoseconds))
});

impl Element for std::time::Duration {}

#[cfg(feature = "chrono")]
impl Length for chrono::TimeDelta {
    fn interval(self) -> Option<Interval> {
        of_seconds(self.num_seconds(), self.subsec_nanos())
    }
}

#[cfg(feature = "chrono")]
value_by!(chrono::TimeDelta as Interval = "interval", |length| parameter(*length), |interval| {
    let (seconds, nanoseconds) = interval.length()?;
    let whole = Self::try_seconds(seconds).unwrap_or_default();
    Ok(whole + Self::nanoseconds(nanoseconds.into()))
});

#[cfg(feature = "chrono")]
impl Element for chrono::TimeDelta {}

#[cfg(feature = "time")]
impl Length for time::Duration {
    fn interval(self) -> Option<Interval> {
        of_seconds(self.whole_seconds(), self.subsec_nanoseconds())
    }
}

#[cfg(feature = "time")]
value_by!(time::Duration as Interval = "interval", |length| parameter(*length), |interval| {
    let (seconds, nanoseconds) = interval.length()?;
    Ok(Self::new(seconds, nanoseconds))
});

#[cfg(feature = "time")]
impl Element for time::Duration {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_written_with_its_sign() {
        let intervals = [
            (Interval::new(0, 0, 0), "+0 months +0 days +0 hours +0 minutes +0.000000 seconds"),
            (
                Interval::new(-14, 3, -3_661_000_001),
                "-14 months +3 days -1 hours -1 minutes -1.000001 seconds",
            ),
            (
                Interval::new(0, 0, i64::MIN),
                "+0 months +0 days -2562047788 hours -0 minutes -54.775808 seconds",
            ),
        ];
        for (interval, text) in intervals {
            assert_eq!(interval.written(), text);
        }
    }

    #[test]
    fn a_length_has_no_months() {
        assert!(Interval::new(1, 0, 0).length().is_err());
        let length = |days, microseconds| Interval::new(0, days, microseconds).length().ok();
        assert_eq!(length(1, -1), Some((86_399, 999_999_000)));
        assert_eq!(length(0, -1_500_000), Some((-1, -500_000_000)));
        let (days, seconds) = (i64::from(i32::MAX), i64::MAX / 1_000_000);
        assert_eq!(length(i32::MAX, i64::MAX), Some((days * 86_400 + seconds, 775_807_000)));
        let longest = std::time::Duration::MAX.to_parameter();
        assert!(!longest.is_sendable());
        assert_eq!(of_seconds(-1, -999_999_999), Some(Interval::new(0, 0, -1_999_999)));
    }
}
