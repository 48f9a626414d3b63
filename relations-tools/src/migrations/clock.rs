//! The time in the names of files.

use std::time::{SystemTime, UNIX_EPOCH};

/// A minute since 1970, in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Minute(u64);

impl Minute {
    pub(super) fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(since.as_secs() / 60)
    }

    pub(super) fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The minute as `20261129T1410`.
    pub(super) fn told(self) -> String {
        let (days, minutes) = (self.0 / 1440, self.0 % 1440);
        // Days are counted in years that begin in March, so that the leap day is the last one.
        let days = days + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let (month, turn) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        let year = era * 400 + year_of_era + turn;
        format!("{year:04}{month:02}{day:02}T{:02}{:02}", minutes / 60, minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::Minute;

    #[test]
    fn minutes_are_told_in_utc() {
        for (seconds, told) in [
            (0, "19700101T0000"),
            (951_782_399, "20000228T2359"),
            (951_782_400, "20000229T0000"),
            (1_795_961_400, "20261129T1410"),
            (1_798_761_540, "20261231T2359"),
        ] {
            assert_eq!(Minute(seconds / 60).told(), told);
        }
    }
}
