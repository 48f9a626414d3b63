//! Types of which PostgreSQL has ranges.

use crate::value::{Element, Value};

/// A type of which PostgreSQL has ranges: `i32`, `i64`, and, each behind the feature of its crate, `Decimal` and
/// dates and times of `chrono` and `time`.
#[diagnostic::on_unimplemented(
    message = "PostgreSQL has no range of `{Self}`",
    label = "there are ranges of `i32`, `i64`, `Decimal`, dates, and dates with a time"
)]
pub trait RangeElement: Value + Element + Ord {
    /// The name of the type of ranges.
    #[doc(hidden)]
    const RANGE: &'static str;

    /// Whether each value has a next one, by which PostgreSQL tells ranges.
    #[doc(hidden)]
    const IS_DISCRETE: bool = false;

    /// The next value; `None` behind the last one, and of a type that is not discrete.
    #[doc(hidden)]
    fn next(&self) -> Option<Self> {
        None
    }

    /// The value as the database keeps it.
    #[doc(hidden)]
    #[must_use]
    fn kept(self) -> Self {
        self
    }
}

impl RangeElement for i32 {
    const RANGE: &'static str = "int4range";
    const IS_DISCRETE: bool = true;

    fn next(&self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl RangeElement for i64 {
    const RANGE: &'static str = "int8range";
    const IS_DISCRETE: bool = true;

    fn next(&self) -> Option<Self> {
        self.checked_add(1)
    }
}

#[cfg(feature = "rust_decimal")]
impl RangeElement for rust_decimal::Decimal {
    const RANGE: &'static str = "numrange";
}

#[cfg(any(feature = "chrono", feature = "time"))]
macro_rules! dates {
    ($date:ty, $next:ident; $($moment:ty as $range:literal, $cut:expr;)+) => {
        impl RangeElement for $date {
            const RANGE: &'static str = "daterange";
            const IS_DISCRETE: bool = true;

            fn next(&self) -> Option<Self> {
                self.$next()
            }
        }

        $(
            impl RangeElement for $moment {
                const RANGE: &'static str = $range;

                fn kept(self) -> Self {
                    let cut: fn($moment) -> Option<$moment> = $cut;
                    cut(self).unwrap_or(self)
                }
            }
        )+
    };
}

/// The nanoseconds of a time without those that are less than a microsecond.
#[cfg(any(feature = "chrono", feature = "time"))]
const fn whole(nanoseconds: u32) -> u32 {
    nanoseconds - nanoseconds % 1_000
}

#[cfg(feature = "chrono")]
mod of_chrono {
    use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Timelike, Utc};

    use super::{RangeElement, whole};

    dates! {
        NaiveDate, succ_opt;
        NaiveDateTime as "tsrange", |at| at.with_nanosecond(whole(at.nanosecond()));
        DateTime<Utc> as "tstzrange", |at| at.with_nanosecond(whole(at.nanosecond()));
        DateTime<FixedOffset> as "tstzrange", |at| at.with_nanosecond(whole(at.nanosecond()));
    }
}

#[cfg(feature = "time")]
mod of_time {
    use time::{Date, OffsetDateTime, PrimitiveDateTime};

    use super::{RangeElement, whole};

    dates! {
        Date, next_day;
        PrimitiveDateTime as "tsrange", |at| at.replace_nanosecond(whole(at.nanosecond())).ok();
        OffsetDateTime as "tstzrange", |at| at.replace_nanosecond(whole(at.nanosecond())).ok();
    }
}
