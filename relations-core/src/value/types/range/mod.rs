//! Ranges of PostgreSQL.

pub(crate) mod element;
#[cfg(feature = "serde")]
mod serde;
#[cfg(feature = "postgres")]
pub(crate) mod wire;

use std::fmt;
use std::ops::{
    Bound, RangeBounds, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive,
};

use crate::definition::property::ColumnType;
use crate::value::mismatch::Mismatch;
use crate::value::parameter::Parameter;
use crate::value::row::Cell;
use crate::value::types::range::element::RangeElement;
use crate::value::unfit::explained;
use crate::value::{Element, Value, literal};

/// A range: a column of the type `int4range`, `int8range`, `numrange`, `daterange`, `tsrange` or `tstzrange` on
/// PostgreSQL. SQLite has none, which is an error when the schema is built.
///
/// A range holds the values between two bounds, each of which is included, excluded or open; or it is empty.
/// It is normalized as in PostgreSQL, so that two ranges with equal values are equal, and a value is read as
/// it was sent: a range of integers or days includes its lower bound and excludes its upper one, and a time is
/// truncated to a microsecond.
///
/// Filter columns of ranges with [`contains`], [`contains_range`], [`is_within`], [`overlaps`],
/// [`is_adjacent_to`] and [`is_empty`], and have a [`lower_bound`] and an [`upper_bound`].
///
/// ```
/// use relations::prelude::*;
/// use relations::value::Range;
///
/// #[derive(Entity)]
/// struct Booking {
///     #[id]
///     id: i64,
///     seats: Range<i32>,
/// }
///
/// let seats = Range::from(4..=7);
/// assert_eq!(seats, Range::from(4..8));
/// assert!(seats.contains(&7) && !seats.contains(&8));
/// assert_eq!(seats.to_string(), "[4,8)");
/// assert!(Range::from(4..4).is_empty());
///
/// let free = Booking::find().filter(!Booking::SEATS.overlaps(5..20));
/// let of_seat = Booking::find().filter(Booking::SEATS.contains(7));
/// ```
///
/// Ranges that PostgreSQL cannot store are refused when they are sent: a lower bound above the upper one, such
/// as `7..4`, and integers up to the greatest of their type, such as `1..=i32::MAX`; leave such an end open, as
/// in `1..`.
///
/// [`contains`]: crate::Column::contains
/// [`contains_range`]: crate::Column::contains_range
/// [`is_within`]: crate::Column::is_within
/// [`overlaps`]: crate::Column::overlaps
/// [`is_adjacent_to`]: crate::Column::is_adjacent_to
/// [`is_empty`]: crate::Column::is_empty
/// [`lower_bound`]: crate::Column::lower_bound
/// [`upper_bound`]: crate::Column::upper_bound
#[doc(alias = "int4range")]
#[doc(alias = "int8range")]
#[doc(alias = "numrange")]
#[doc(alias = "daterange")]
#[doc(alias = "tsrange")]
#[doc(alias = "tstzrange")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Range<T> {
    /// The bounds; `None` if the range is empty.
    bounds: Option<(Bound<T>, Bound<T>)>,
}

impl<T> Range<T> {
    /// The empty range.
    #[must_use]
    pub const fn empty() -> Self {
        Self { bounds: None }
    }

    /// The range of all values, without bounds.
    #[must_use]
    pub const fn unbounded() -> Self {
        Self { bounds: Some((Bound::Unbounded, Bound::Unbounded)) }
    }

    /// Whether the range is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bounds.is_none()
    }

    /// The bounds; `None` if the range is empty.
    #[must_use]
    pub fn bounds(&self) -> Option<(Bound<&T>, Bound<&T>)> {
        self.bounds.as_ref().map(|(lower, upper)| (lower.as_ref(), upper.as_ref()))
    }

    /// The bounds by value; `None` if the range is empty.
    #[must_use]
    pub fn into_bounds(self) -> Option<(Bound<T>, Bound<T>)> {
        self.bounds
    }

    /// The value of the lower bound; `None` if the range is empty or has none.
    #[must_use]
    pub fn lower(&self) -> Option<&T> {
        self.bounds.as_ref().and_then(|(lower, _)| value_of(lower))
    }

    /// The value of the upper bound; `None` if the range is empty or has none.
    #[must_use]
    pub fn upper(&self) -> Option<&T> {
        self.bounds.as_ref().and_then(|(_, upper)| value_of(upper))
    }
}

impl<T: RangeElement> Range<T> {
    /// The range between two bounds, normalized as in PostgreSQL.
    #[must_use]
    pub fn new(lower: Bound<T>, upper: Bound<T>) -> Self {
        let (lower, upper) = (lower.map(T::kept), upper.map(T::kept));
        if is_reversed(&lower, &upper) {
            return Self { bounds: Some((lower, upper)) };
        }
        if holds_nothing(&lower, &upper) {
            return Self::empty();
        }
        let lower = match lower {
            Bound::Excluded(value) => match value.next() {
                Some(next) => Bound::Included(next),
                None => Bound::Excluded(value),
            },
            other => other,
        };
        let upper = match upper {
            Bound::Included(value) => match value.next() {
                Some(next) => Bound::Excluded(next),
                None => Bound::Included(value),
            },
            other => other,
        };
        let is_empty = holds_nothing(&lower, &upper);
        Self { bounds: (!is_empty).then_some((lower, upper)) }
    }

    /// Whether a value is in the range.
    #[must_use]
    pub fn contains(&self, value: &T) -> bool {
        self.bounds().is_some_and(|bounds| bounds.contains(value))
    }

    /// The text that PostgreSQL reads, or why it would not.
    fn written(&self) -> Result<String, String> {
        let Some((lower, upper)) = &self.bounds else { return Ok("empty".to_owned()) };
        if is_reversed(lower, upper) {
            return Err(
                "is a range whose lower bound is above its upper one; exchange the bounds, \
                        or write `Range::empty()`"
                    .to_owned(),
            );
        }
        if T::IS_DISCRETE
            && (matches!(lower, Bound::Excluded(_)) || matches!(upper, Bound::Included(_)))
        {
            return Err(format!(
                "is a range that ends with the last value of its type, behind which `{}` has none \
                 to end before; leave the end open, as in `1..`",
                T::RANGE,
            ));
        }
        let written = |bound: &Bound<T>| match value_of(bound) {
            Some(value) => {
                let value = Value::to_parameter(value).into_sql()?;
                Ok(format!("\"{}\"", literal::text(&value)?))
            }
            None => Ok::<_, String>(String::new()),
        };
        let open = if matches!(lower, Bound::Included(_)) { '[' } else { '(' };
        let close = if matches!(upper, Bound::Included(_)) { ']' } else { ')' };
        Ok(format!("{open}{},{}{close}", written(lower)?, written(upper)?))
    }
}

fn value_of<T>(bound: &Bound<T>) -> Option<&T> {
    match bound {
        Bound::Included(value) | Bound::Excluded(value) => Some(value),
        Bound::Unbounded => None,
    }
}

fn is_reversed<T: Ord>(lower: &Bound<T>, upper: &Bound<T>) -> bool {
    value_of(lower).zip(value_of(upper)).is_some_and(|(lower, upper)| lower > upper)
}

/// Whether both bounds are one value, which one of them excludes.
fn holds_nothing<T: Ord>(lower: &Bound<T>, upper: &Bound<T>) -> bool {
    let is_included = |bound: &Bound<T>| matches!(bound, Bound::Included(_));
    value_of(lower).zip(value_of(upper)).is_some_and(|(lower, upper)| lower == upper)
        && !(is_included(lower) && is_included(upper))
}

/// As PostgreSQL writes it: `[4,8)`, `(,8)`, `empty`.
impl<T: fmt::Display> fmt::Display for Range<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((lower, upper)) = &self.bounds else { return formatter.write_str("empty") };
        formatter.write_str(if matches!(lower, Bound::Included(_)) { "[" } else { "(" })?;
        if let Some(lower) = value_of(lower) {
            write!(formatter, "{lower}")?;
        }
        formatter.write_str(",")?;
        if let Some(upper) = value_of(upper) {
            write!(formatter, "{upper}")?;
        }
        formatter.write_str(if matches!(upper, Bound::Included(_)) { "]" } else { ")" })
    }
}

macro_rules! from {
    ($($range:ty, $of:ident => $bounds:expr;)+) => {
        $(
            impl<T: RangeElement> From<$range> for Range<T> {
                fn from($of: $range) -> Self {
                    let (lower, upper) = $bounds;
                    Self::new(lower, upper)
                }
            }
        )+
    };
}

from! {
    (Bound<T>, Bound<T>), range => range;
    std::ops::Range<T>, range => (Bound::Included(range.start), Bound::Excluded(range.end));
    RangeInclusive<T>, range => {
        let (start, end) = range.into_inner();
        (Bound::Included(start), Bound::Included(end))
    };
    RangeFrom<T>, range => (Bound::Included(range.start), Bound::Unbounded);
    RangeTo<T>, range => (Bound::Unbounded, Bound::Excluded(range.end));
    RangeToInclusive<T>, range => (Bound::Unbounded, Bound::Included(range.end));
    RangeFull, _range => (Bound::Unbounded, Bound::Unbounded);
}

impl<T: RangeElement> From<&Self> for Range<T> {
    fn from(range: &Self) -> Self {
        range.clone()
    }
}

impl<T: RangeElement> Value for Range<T> {
    const TYPE: ColumnType = ColumnType::Range(&T::TYPE);

    const SQL_TYPE: Option<&'static str> = Some(T::RANGE);

    fn to_parameter(&self) -> Parameter {
        match self.written() {
            Ok(text) => Parameter::owned_text(text),
            Err(why) => Parameter::invalid(why),
        }
    }

    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        let bounds = cell.range(T::RANGE).map_err(|why| explained(why, Self::TYPE, cell))?;
        let Some((lower, upper)) = bounds else { return Ok(Self::empty()) };
        Ok(Self::new(read_bound(lower)?, read_bound(upper)?))
    }
}

impl<T: RangeElement> Element for Range<T> {}

fn read_bound<T: RangeElement>(bound: Bound<Cell<'_>>) -> Result<Bound<T>, Mismatch> {
    let read = |cell: Cell<'_>| {
        <T as Value>::read(cell).map_err(|_| {
            let why = format!(
                "a range with a bound that is infinite or that its Rust type does not hold; make \
                 the property a `String` with `#[column(type = \"{}\")]`",
                T::RANGE,
            );
            Mismatch::Value(why.into())
        })
    };
    Ok(match bound {
        Bound::Included(cell) => Bound::Included(read(cell)?),
        Bound::Excluded(cell) => Bound::Excluded(read(cell)?),
        Bound::Unbounded => Bound::Unbounded,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_equal_values_are_equal() {
        let of = |lower, upper| Range::new(lower, upper);
        let [one, four] = [Bound::Included(1), Bound::Included(4)];
        assert_eq!(of(one, four), Range::from(1..5));
        assert_eq!(of(Bound::Excluded(0), Bound::Excluded(5)), Range::from(1..=4));
        assert_eq!(Range::from(..=4).to_string(), "(,5)");
        assert_eq!(Range::<i64>::from(..).to_string(), "(,)");
        for nothing in [of(Bound::Excluded(1), Bound::Excluded(2)), Range::from(3..3)] {
            assert_eq!(nothing, Range::empty());
        }
        assert_eq!(of(Bound::Excluded(i32::MAX), Bound::Excluded(i32::MAX)), Range::empty());
    }

    #[test]
    fn a_range_that_the_database_does_not_have_is_not_sent() {
        let sent = [Range::from(1..5), Range::from(i32::MAX..), Range::from(..i32::MAX)];
        assert!(sent.iter().all(|range| range.to_parameter().is_sendable()));
        let (start, end) = (5, 1);
        let last = Bound::Excluded(i32::MAX);
        let refused = [
            Range::from(start..end),
            Range::from(1..=i32::MAX),
            Range::new(last, Bound::Unbounded),
        ];
        assert!(refused.iter().all(|range| !range.to_parameter().is_sendable()));
        assert!(!Range::from(start..end).contains(&3));
    }
}
