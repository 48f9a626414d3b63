//! Dates and times: parts, units and intervals.

use std::ops::{Add, Sub};

use crate::ast::arithmetic::Operator;
use crate::ast::call::{DatePart, DateUnit, Function};
use crate::ast::term::{Operand, Term};
use crate::column::{Column, IntoOperand};
use crate::entity::Entity;
use crate::expression::intervals::shifted;
use crate::expression::{Expression, IntoExpression, RowValue};
use crate::relation::path::Path;
use crate::value::Value;
use crate::value::property::Property;
use crate::value::types::interval::{Interval, Length};

/// A type of dates: of days alone, or of days with a time.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is not a date",
    label = "expected a column of dates, or of dates with a time"
)]
pub trait Dated: Value {}

/// A type of times: of a day alone, or with a date.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is not a time",
    label = "expected a column of times, or of dates with a time"
)]
pub trait Timed: Value {}

#[cfg(feature = "chrono")]
impl Dated for chrono::NaiveDate {}

#[cfg(feature = "chrono")]
impl Dated for chrono::NaiveDateTime {}

#[cfg(feature = "chrono")]
impl Dated for chrono::DateTime<chrono::Utc> {}

#[cfg(feature = "chrono")]
impl Timed for chrono::NaiveTime {}

#[cfg(feature = "chrono")]
impl Timed for chrono::NaiveDateTime {}

#[cfg(feature = "chrono")]
impl Timed for chrono::DateTime<chrono::Utc> {}

#[cfg(feature = "time")]
impl Dated for time::Date {}

#[cfg(feature = "time")]
impl Dated for time::PrimitiveDateTime {}

#[cfg(feature = "time")]
impl Dated for time::OffsetDateTime {}

#[cfg(feature = "time")]
impl Timed for time::Time {}

#[cfg(feature = "time")]
impl Timed for time::PrimitiveDateTime {}

#[cfg(feature = "time")]
impl Timed for time::OffsetDateTime {}

/// A date or a time truncated to a unit, for example to the first of its month at midnight.
///
/// A time with a time zone is truncated in UTC, whatever the time zone of the session is.
///
/// ```no_run
/// # use relations::prelude::*;
/// use relations::expression::{DateUnit, count, date_trunc};
///
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, placed_at: chrono::DateTime<chrono::Utc> }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let month = date_trunc(DateUnit::Month, Order::PLACED_AT);
/// let orders: Vec<(chrono::DateTime<chrono::Utc>, i64)> =
///     Order::find().group_by(month.clone()).select((month, count())).all(db).await?;
/// # Ok(())
/// # }
/// ```
pub fn date_trunc<D: RowValue<Type: Property<Value: Dated>>>(
    unit: DateUnit,
    date: D,
) -> Expression<D::Rows, D::Type> {
    Expression::call(Function::Truncate(unit), vec![date.into_term().into()])
}

/// The current time of the database, as the type of the column beside it; for a date or a time without a
/// time zone in UTC.
///
/// ```
/// # use relations::prelude::*;
/// use relations::expression::{days, now};
///
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, placed_at: chrono::DateTime<chrono::Utc> }
/// let late = Order::find().filter(Order::PLACED_AT.lt(now() - days(7)));
/// let seen = Order::find_by_id(7).set_expr(Order::PLACED_AT, now());
/// ```
#[doc(alias = "current_timestamp")]
pub const fn now() -> Now {
    Now(Vec::new())
}

/// The current time of the database, later or earlier by intervals; see [`now`].
#[derive(Debug, Clone)]
#[must_use = "a time does nothing until a query takes it"]
pub struct Now(Vec<(Operator, Option<Interval>)>);

impl Now {
    pub(crate) fn expression<E, T: Property<Value: Dated>>(self) -> Expression<E, T> {
        let now = Expression::call(Function::Now, Vec::new());
        self.0
            .into_iter()
            .fold(now, |moved, (operator, interval)| shifted(moved.into_term(), operator, interval))
    }
}

macro_rules! moved {
    ($($length:ty),+) => {
        $(
            impl Add<$length> for Now {
                type Output = Self;

                fn add(mut self, length: $length) -> Self {
                    self.0.push((Operator::Add, length.interval()));
                    self
                }
            }

            impl Sub<$length> for Now {
                type Output = Self;

                fn sub(mut self, length: $length) -> Self {
                    self.0.push((Operator::Subtract, length.interval()));
                    self
                }
            }
        )+
    };
}

moved!(Interval, std::time::Duration);

#[cfg(feature = "chrono")]
moved!(chrono::TimeDelta);

#[cfg(feature = "time")]
moved!(time::Duration);

#[diagnostic::do_not_recommend]
impl<E, V: Dated> IntoOperand<E, V> for Now {
    type Type = V;

    fn into_operand(self) -> Operand {
        Operand::Term(self.expression::<E, V>().into_term())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property<Value: Dated>> IntoExpression<E, T> for Now {
    fn into_new_value(self) -> Term {
        self.expression::<E, T>().into_term()
    }
}

const NOTHING: Interval = Interval::new(0, 0, 0);

/// An interval of days, as in `Order::PLACED_AT + days(7)`.
#[doc(alias = "interval")]
pub const fn days(days: i32) -> Interval {
    Interval { days, ..NOTHING }
}

/// An interval of weeks, of seven days each.
pub const fn weeks(weeks: i32) -> Interval {
    Interval { days: weeks.saturating_mul(7), ..NOTHING }
}

/// An interval of months. The 31st of a shorter month is its last day.
pub const fn months(months: i32) -> Interval {
    Interval { months, ..NOTHING }
}

/// An interval of years, of twelve months each.
pub const fn years(years: i32) -> Interval {
    Interval { months: years.saturating_mul(12), ..NOTHING }
}

/// An interval of hours.
pub const fn hours(hours: i64) -> Interval {
    Interval { microseconds: hours.saturating_mul(3_600_000_000), ..NOTHING }
}

/// An interval of minutes.
pub const fn minutes(minutes: i64) -> Interval {
    Interval { microseconds: minutes.saturating_mul(60_000_000), ..NOTHING }
}

/// An interval of seconds.
pub const fn seconds(seconds: i64) -> Interval {
    Interval { microseconds: seconds.saturating_mul(1_000_000), ..NOTHING }
}

macro_rules! parts {
    ($bound:ident, $type:ty, [$($parameters:tt)*], $($method:ident, $part:ident, $doc:literal;)+) => {
        /// # Parts of dates and times
        ///
        /// A time with a time zone is taken in UTC, whatever the time zone of the session is.
        impl<$($parameters)*> $type {
            $(
                #[doc = $doc]
                pub fn $method(self) -> Expression<E, T::With<i32>>
                where
                    T::Value: $bound,
                {
                    Expression::call(Function::Part(DatePart::$part), vec![self.into_term().into()])
                }
            )+
        }
    };
}

macro_rules! parts_of {
    ($type:ty, [$($parameters:tt)*]) => {
        parts! {
            Dated, $type, [$($parameters)*],
            year, Year, "The year of a date.";
            quarter, Quarter, "The quarter of a date, from 1 to 4.";
            month, Month, "The month of a date, from 1 to 12.";
            week, Week, "The number of the week of a date as ISO 8601 counts, from 1 to 53.";
            day, Day, "The day of the month, from 1 to 31.";
            day_of_year, DayOfYear, "The day of the year, from 1 to 366.";
            day_of_week, DayOfWeek, "The day of the week, from 1 for Monday to 7 for Sunday.";
        }

        parts! {
            Timed, $type, [$($parameters)*],
            hour, Hour, "The hour of a time, from 0 to 23.";
            minute, Minute, "The minute of a time, from 0 to 59.";
            second, Second, "The second of a time without its fraction, from 0 to 59.";
        }
    };
}

parts_of!(Column<E, T, P>, [E: Entity, T: Property, P: Path]);

parts_of!(Expression<E, T>, [E, T: Property]);
