//! Arithmetic with dates and times, by the calendar that PostgreSQL has.

use crate::value::moment::{Moment, days_in};

const MICROSECONDS_OF_DAY: i64 = 86_400_000_000;

impl Moment {
    /// The number of days since the first of March of the year 0, which begins the years here, so that a
    /// leap day ends them.
    fn day_number(self) -> i64 {
        let (year, month) = (i64::from(self.year), i64::from(self.month));
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year
    }

    /// The day of that number, at the time of this one; `None` out of years of four digits.
    fn at_day(self, number: i64) -> Option<Self> {
        let era = number.div_euclid(146_097);
        let of_era = number.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let (year, month) = (era * 400 + year, if month < 10 { month + 3 } else { month - 9 });
        let year = if month <= 2 { year + 1 } else { year };
        (0..=9999).contains(&year).then_some(())?;
        Some(Self {
            year: i32::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
            ..self
        })
    }

    /// The day of the week, from 1 for Monday.
    fn day_of_week(self) -> i64 {
        // The first of March of the year 0 was a Wednesday.
        (self.day_number() + 2).rem_euclid(7) + 1
    }

    fn day_of_year(self) -> i64 {
        let first = Self { month: 1, day: 1, ..self };
        self.day_number() - first.day_number() + 1
    }

    /// The number of the week by ISO 8601: that of its Thursday in the year.
    fn week(self) -> Option<i64> {
        let thursday = self.at_day(self.day_number() + 4 - self.day_of_week());
        // Near the ends of the calendar the Thursday may be in no year of it.
        Some((thursday?.day_of_year() - 1) / 7 + 1)
    }

    /// A part of the moment, by its name in SQL.
    pub(crate) fn part(self, name: &str) -> Option<i64> {
        Some(match name {
            "year" => self.year.into(),
            "quarter" => i64::from((self.month - 1) / 3 + 1),
            "month" => self.month.into(),
            "week" => self.week()?,
            "day" => self.day.into(),
            "doy" => self.day_of_year(),
            "isodow" => self.day_of_week(),
            "hour" => self.hour.into(),
            "minute" => self.minute.into(),
            "second" => self.second.into(),
            _ => return None,
        })
    }

    /// The moment cut to a unit, by its name in SQL.
    pub(crate) fn truncated(self, unit: &str) -> Option<Self> {
        let second = Self { nanosecond: 0, ..self };
        let minute = Self { second: 0, ..second };
        let hour = Self { minute: 0, ..minute };
        let day = Self { hour: 0, ..hour };
        Some(match unit {
            "second" => second,
            "minute" => minute,
            "hour" => hour,
            "day" => day,
            "week" => day.at_day(day.day_number() + 1 - day.day_of_week())?,
            "month" => Self { day: 1, ..day },
            "quarter" => Self { day: 1, month: (day.month - 1) / 3 * 3 + 1, ..day },
            "year" => Self { day: 1, month: 1, ..day },
            _ => return None,
        })
    }

    /// The moment later by months, then days, then microseconds. A day that its month does not have becomes
    /// the last one of it.
    pub(crate) fn shifted(self, months: i32, days: i32, microseconds: i64) -> Option<Self> {
        let month = i64::from(self.year) * 12 + i64::from(self.month) - 1 + i64::from(months);
        let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        (-1..=10_000).contains(&year).then_some(())?;
        let (year, month) = (i32::try_from(year).ok()?, u8::try_from(month).ok()?);
        let day = self.day.min(days_in(year, month)?);
        let moment = Self { year, month, day, ..self };
        let of_day = (i64::from(self.hour) * 60 + i64::from(self.minute)) * 60;
        let of_day = (of_day + i64::from(self.second)) * 1_000_000;
        let of_day = of_day + i64::from(self.nanosecond / 1_000);
        let total = of_day.checked_add(microseconds)?;
        let moved = i64::from(days) + total.div_euclid(MICROSECONDS_OF_DAY);
        let moment = moment.at_day(moment.day_number().checked_add(moved)?)?;
        let of_day = total.rem_euclid(MICROSECONDS_OF_DAY);
        let seconds = of_day / 1_000_000;
        Some(Self {
            hour: u8::try_from(seconds / 3_600).ok()?,
            minute: u8::try_from(seconds / 60 % 60).ok()?,
            second: u8::try_from(seconds % 60).ok()?,
            nanosecond: u32::try_from(of_day % 1_000_000).ok()? * 1_000 + self.nanosecond % 1_000,
            ..moment
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::value::moment::{Moment, MomentPart};

    fn at(text: &str) -> Moment {
        Moment::read(text, MomentPart::Timestamp).unwrap()
    }

    #[test]
    fn each_day_has_its_number_and_each_number_its_day() {
        let mut moment = at("0000-01-01");
        let (first, mut weekday) = (moment.day_number(), moment.day_of_week());
        // A Saturday, by the calendar reckoned backwards.
        assert_eq!(weekday, 6);
        for number in first..first + 3_652_425 {
            assert_eq!(moment.day_number(), number);
            assert_eq!(moment.at_day(number), Some(moment));
            assert_eq!(moment.day_of_week(), weekday);
            weekday = weekday % 7 + 1;
            moment = match moment.shifted(0, 1, 0) {
                Some(next) => next,
                None => break,
            };
        }
        assert_eq!(moment.written(MomentPart::Date), "9999-12-31");
    }

    #[test]
    fn weeks_are_those_of_iso_8601() {
        let weeks = [
            ("2005-01-01", 53, 6),
            ("2005-01-02", 53, 7),
            ("2005-12-31", 52, 6),
            ("2007-01-01", 1, 1),
            ("2008-12-29", 1, 1),
            ("2009-12-31", 53, 4),
            ("2010-01-03", 53, 7),
            ("2024-02-29", 9, 4),
        ];
        for (date, week, day) in weeks {
            assert_eq!(at(date).part("week"), Some(week), "{date}");
            assert_eq!(at(date).part("isodow"), Some(day), "{date}");
        }
    }

    #[test]
    fn months_come_first_and_end_at_their_last_day() {
        let shifted = |text: &str, months, days, microseconds| {
            let moment = at(text).shifted(months, days, microseconds)?;
            Some(moment.written(MomentPart::Timestamp))
        };
        let cases = [
            (("2024-01-31 10:00", 1, 0, 0), Some("2024-02-29 10:00:00.000000")),
            (("2024-01-31 10:00", 1, 1, 0), Some("2024-03-01 10:00:00.000000")),
            (("2024-03-31 10:00", -13, 0, 0), Some("2023-02-28 10:00:00.000000")),
            (("2024-01-01 00:00", 0, 0, -1), Some("2023-12-31 23:59:59.999999")),
            (("2024-12-31 23:59:59.5", 0, 0, 600_000), Some("2025-01-01 00:00:00.100000")),
            (("9999-12-31 10:00", 0, 1, 0), None),
            (("0000-01-01 10:00", -1, 0, 0), None),
        ];
        for ((text, months, days, microseconds), expected) in cases {
            assert_eq!(shifted(text, months, days, microseconds).as_deref(), expected, "{text}");
        }
    }
}
