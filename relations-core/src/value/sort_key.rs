//! Keys as Rust sorts them: in the order of PostgreSQL, on both engines.

use std::cmp::Ordering;

use sea_query::Value as SqlValue;
use smallvec::SmallVec;

use crate::value::key::Key;
use crate::value::parameter::Parameter;

/// A part of a key of a type that Rust sorts
/// ([`is_sorted_in_rust`](crate::definition::property::ColumnType::is_sorted_in_rust)).
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum SortPart {
    /// An integer, or a moment as its distance from another one.
    Number(i128),
    /// A UUID, whose bytes are compared from the first on.
    #[cfg(feature = "uuid")]
    Uuid(u128),
    Bytes(Vec<u8>),
    /// A value of another type. None is sorted.
    Unsorted,
}

impl SortPart {
    fn of(part: Parameter) -> Self {
        match part.0 {
            Ok(SqlValue::SmallInt(Some(value))) => Self::Number(value.into()),
            Ok(SqlValue::Int(Some(value))) => Self::Number(value.into()),
            Ok(SqlValue::BigInt(Some(value))) => Self::Number(value.into()),
            Ok(SqlValue::Bytes(Some(bytes))) => Self::Bytes(bytes),
            #[cfg(feature = "uuid")]
            Ok(SqlValue::Uuid(Some(uuid))) => Self::Uuid(uuid.as_u128()),
            #[cfg(feature = "chrono")]
            Ok(SqlValue::ChronoDate(Some(date))) => Self::Number(days(date).into()),
            #[cfg(feature = "chrono")]
            Ok(SqlValue::ChronoDateTime(Some(moment))) => nanoseconds(moment.and_utc()),
            #[cfg(feature = "chrono")]
            Ok(SqlValue::ChronoDateTimeUtc(Some(moment))) => nanoseconds(moment),
            #[cfg(feature = "time")]
            Ok(SqlValue::TimeDate(Some(date))) => Self::Number(date.to_julian_day().into()),
            #[cfg(feature = "time")]
            Ok(SqlValue::TimeDateTime(Some(moment))) => {
                Self::Number(moment.assume_utc().unix_timestamp_nanos())
            }
            #[cfg(feature = "time")]
            Ok(SqlValue::TimeDateTimeWithTimeZone(Some(moment))) => {
                Self::Number(moment.unix_timestamp_nanos())
            }
            _ => Self::Unsorted,
        }
    }
}

#[cfg(feature = "chrono")]
fn days(date: chrono::NaiveDate) -> i32 {
    chrono::Datelike::num_days_from_ce(&date)
}

#[cfg(feature = "chrono")]
fn nanoseconds(moment: chrono::DateTime<chrono::Utc>) -> SortPart {
    let seconds = i128::from(moment.timestamp()) * 1_000_000_000;
    SortPart::Number(seconds + i128::from(moment.timestamp_subsec_nanos()))
}

/// A key as it is sorted.
type SortKey = SmallVec<[SortPart; 1]>;

fn sort_key<K: Key>(key: &K) -> SortKey {
    let mut parts = SortKey::new();
    key.each_parameter(|part| parts.push(SortPart::of(part)));
    parts
}

/// The key, where it is one integer.
fn integer<K: Key>(key: &K) -> Option<i64> {
    let (mut parts, mut integer) = (0, None);
    key.each_parameter(|part| (parts, integer) = (parts + 1, part.integer()));
    integer.filter(|_| parts == 1)
}

/// Sorts values by their keys, which all of them have. Most come in order: an index often returns them so.
pub(crate) fn sort_by_key<T, K: Key>(values: &mut [T], key: impl Fn(&T) -> Option<K>) {
    if values.len() < 2 {
        return;
    }
    if let Some(first) = values.first().and_then(|first| integer(&key(first)?)) {
        let integer = |value: &T| key(value).and_then(|key| integer(&key)).unwrap_or(first);
        if !values.is_sorted_by_key(integer) {
            values.sort_by_cached_key(integer);
        }
        return;
    }
    let sort_key = |value: &T| key(value).map(|key| sort_key(&key)).unwrap_or_default();
    if !values.is_sorted_by(|one, other| sort_key(one).cmp(&sort_key(other)) != Ordering::Greater) {
        values.sort_by_cached_key(sort_key);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
