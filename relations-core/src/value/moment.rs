//! Dates and times as texts: any spelling of ISO 8601 is read, and one of a fixed order is written,
//! which sorts as the times do.

/// A day and a time of the calendar, without a zone; a time alone is of the year 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) year: i32,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    pub(crate) nanosecond: u32,
}

/// The part of a moment that a column keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
pub(crate) enum MomentPart {
    Date,
    Time,
    Timestamp,
    /// With a zone, which is UTC.
    TimestampTz,
}

impl Moment {
    const START: Self =
        Self { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0 };

    /// The moment that a text tells. `None` where it is not one, or says more than the column keeps:
    /// the time of a date, or a zone other than UTC of a time without one.
    pub(crate) fn read(text: &str, part: MomentPart) -> Option<Self> {
        let mut reader = Reader(text.as_bytes());
        let mut moment = Self::START;
        if part == MomentPart::Time {
            moment.read_time(&mut reader)?;
            return reader.is_at_end().then_some(moment);
        }
        moment.read_date(&mut reader)?;
        let mut east = None;
        if !reader.is_at_end() {
            if !(reader.takes(b'T') || reader.takes(b' ') || reader.takes(b't')) {
                return None;
            }
            moment.read_time(&mut reader)?;
            east = if reader.is_at_end() { None } else { Some(reader.zone()?) };
        }
        match (part, east) {
            (MomentPart::Date, None) => Some(moment).filter(|moment| moment.is_midnight()),
            (MomentPart::Timestamp, None | Some(0)) | (MomentPart::TimestampTz, None) => {
                Some(moment)
            }
            (MomentPart::TimestampTz, Some(east)) => moment.later(-east),
            _ => None,
        }
    }

    fn read_date(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        self.year = i32::try_from(reader.number(4)?).ok()?;
        self.month = reader.takes(b'-').then(|| reader.small())??;
        self.day = reader.takes(b'-').then(|| reader.small())??;
        let days = days_in(self.year, self.month)?;
        (1..=days).contains(&self.day).then_some(())
    }

    fn read_time(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        self.hour = reader.small()?;
        self.minute = reader.takes(b':').then(|| reader.small())??;
        if reader.takes(b':') {
            self.second = reader.small()?;
            if reader.takes(b'.') {
                self.nanosecond = reader.fraction()?;
            }
        }
        (self.hour < 24 && self.minute < 60 && self.second < 60).then_some(())
    }

    fn is_midnight(self) -> bool {
        (self.hour, self.minute, self.second, self.nanosecond) == (0, 0, 0, 0)
    }

    /// The moment so many minutes later, up to a day and within years of four digits.
    fn later(mut self, minutes: i32) -> Option<Self> {
        let total = i32::from(self.hour) * 60 + i32::from(self.minute) + minutes;
        let of_day = total.rem_euclid(24 * 60);
        self.hour = u8::try_from(of_day / 60).ok()?;
        self.minute = u8::try_from(of_day % 60).ok()?;
        match total.div_euclid(24 * 60) {
            0 => Some(self),
            -1 => self.day_before(),
            _ => self.day_after(),
        }
    }

    fn day_after(mut self) -> Option<Self> {
        if self.day < days_in(self.year, self.month)? {
            self.day += 1;
            return Some(self);
        }
        self.day = 1;
        if self.month < 12 {
            self.month += 1;
            return Some(self);
        }
        self.month = 1;
        self.year += 1;
        (self.year <= 9999).then_some(self)
    }

    fn day_before(mut self) -> Option<Self> {
        if self.day > 1 {
            self.day -= 1;
            return Some(self);
        }
        if self.month > 1 {
            self.month -= 1;
        } else {
            self.month = 12;
            self.year -= 1;
        }
        self.day = days_in(self.year, self.month)?;
        (self.year >= 0).then_some(self)
    }

    /// The text that a column keeps. Beyond microseconds it has nine digits and not six, which
    /// sorts as the times do.
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
    pub(crate) fn written(self, part: MomentPart) -> String {
        use std::fmt::Write;

        let Self { year, month, day, hour, minute, second, nanosecond } = self;
        let mut text = String::with_capacity(36);
        // Writing to a `String` cannot fail.
        if part != MomentPart::Time {
            let _ = write!(text, "{year:04}-{month:02}-{day:02}");
        }
        if matches!(part, MomentPart::Timestamp | MomentPart::TimestampTz) {
            text.push(' ');
        }
        if part != MomentPart::Date {
            let _ = write!(text, "{hour:02}:{minute:02}:{second:02}");
            let _ = match (nanosecond / 1_000, nanosecond % 1_000) {
                (micros, 0) => write!(text, ".{micros:06}"),
                _ => write!(text, ".{nanosecond:09}"),
            };
        }
        if part == MomentPart::TimestampTz {
            text.push_str("+00:00");
        }
        text
    }

    /// The least and the greatest beginning that a spelling of the moment has.
    #[cfg(feature = "sqlite")]
    pub(crate) fn bounds(self, part: MomentPart) -> (String, String) {
        // Behind every character that a spelling goes on with.
        const BEHIND: char = '~';
        let date = |moment: Self| moment.written(MomentPart::Date);
        match part {
            MomentPart::Date | MomentPart::Timestamp => (date(self), date(self) + "~"),
            MomentPart::Time => {
                let begin: String = self.written(part).chars().take(5).collect();
                (begin.clone(), begin + "~")
            }
            MomentPart::TimestampTz => {
                let high = self.day_after().map(date).unwrap_or_default();
                (self.day_before().map(date).unwrap_or_default(), high + &BEHIND.to_string())
            }
        }
    }
}

pub(crate) fn days_in(year: i32, month: u8) -> Option<u8> {
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return None,
    })
}

/// The rest of a text.
struct Reader<'text>(&'text [u8]);

impl Reader<'_> {
    fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    fn takes(&mut self, wanted: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == wanted => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn digit(&mut self) -> Option<u32> {
        let (first, rest) = self.0.split_first()?;
        let digit = first.is_ascii_digit().then(|| u32::from(first - b'0'))?;
        self.0 = rest;
        Some(digit)
    }

    /// A number of so many digits.
    fn number(&mut self, digits: usize) -> Option<u32> {
        (0..digits).try_fold(0, |number, _| Some(number * 10 + self.digit()?))
    }

    fn small(&mut self) -> Option<u8> {
        u8::try_from(self.number(2)?).ok()
    }

    /// Nanoseconds, of one to nine digits; what is finer has to be nothing.
    fn fraction(&mut self) -> Option<u32> {
        let (mut nanoseconds, mut unit) = (self.digit()? * 100_000_000, 10_000_000);
        while let Some(digit) = self.digit() {
            if unit == 0 && digit != 0 {
                return None;
            }
            nanoseconds += digit * unit;
            unit /= 10;
        }
        Some(nanoseconds)
    }

    /// The offset of the zone at the end, in minutes east of UTC.
    fn zone(&mut self) -> Option<i32> {
        if self.takes(b'Z') || self.takes(b'z') {
            return self.is_at_end().then_some(0);
        }
        self.takes(b' ');
        let sign = if self.takes(b'+') { 1 } else { self.takes(b'-').then_some(-1)? };
        let hours = i32::from(self.small()?);
        let minutes = if self.is_at_end() {
            0
        } else {
            self.takes(b':');
            i32::from(self.small()?)
        };
        let is_zone = self.is_at_end() && hours < 24 && minutes < 60;
        is_zone.then_some(sign * (hours * 60 + minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str, part: MomentPart) -> Option<String> {
        Moment::read(text, part).map(|moment| moment.written(part))
    }

    #[test]
    fn spellings_of_one_moment_are_written_alike() {
        let spellings = [
            "2024-02-29 23:30:00.500000+00:00",
            "2024-02-29T23:30:00.5Z",
            "2024-02-29 23:30:00.5",
            "2024-03-01T01:00:00.500+01:30",
            "2024-03-01 01:00:00.5000000000 +0130",
            "2024-02-29t21:30:00.5-02",
        ];
        for text in spellings {
            let written = canonical(text, MomentPart::TimestampTz);
            assert_eq!(written.as_deref(), Some("2024-02-29 23:30:00.500000+00:00"), "{text}");
        }
        let date = canonical("2024-02-29T00:00:00.000", MomentPart::Date);
        assert_eq!(date.as_deref(), Some("2024-02-29"));
        let at = canonical("2024-02-29", MomentPart::Timestamp);
        assert_eq!(at.as_deref(), Some("2024-02-29 00:00:00.000000"));
        assert_eq!(canonical("07:05", MomentPart::Time).as_deref(), Some("07:05:00.000000"));
        let fine = canonical("2024-02-29T07:05:01.1234567Z", MomentPart::Timestamp);
        assert_eq!(fine.as_deref(), Some("2024-02-29 07:05:01.123456700"));
    }

    #[test]
    fn what_says_more_or_less_is_not_read() {
        let others = [
            ("2024-02-30", MomentPart::Date),
            ("2024-02-29 00:00:01", MomentPart::Date),
            ("2024-2-9", MomentPart::Date),
            ("+2024-02-09", MomentPart::Date),
            ("24:00:00", MomentPart::Time),
            ("12:30:60", MomentPart::Time),
            ("12:30Z", MomentPart::Time),
            ("2024-02-29 12:30+01:00", MomentPart::Timestamp),
            ("2024-02-29 12:30:00.1234567891", MomentPart::Timestamp),
            ("2024-02-29 12:30 UTC", MomentPart::TimestampTz),
            ("2024-02-29 ", MomentPart::TimestampTz),
            ("0000-01-01 00:00+01:00", MomentPart::TimestampTz),
            ("9999-12-31 23:59-00:01", MomentPart::TimestampTz),
            ("", MomentPart::TimestampTz),
            ("1709204400", MomentPart::TimestampTz),
        ];
        for (text, part) in others {
            assert_eq!(canonical(text, part), None, "{text}");
        }
    }
}
