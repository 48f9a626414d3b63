//! Keys that Rust sorts, against the order that PostgreSQL has.

use super::sort_by_key;
use crate::value::key::Key;

/// Sorts keys that are given from the last to the first.
fn sorted<K: Key + std::fmt::Debug>(keys: &[K]) {
    let mut reversed: Vec<K> = keys.iter().rev().cloned().collect();
    sort_by_key(&mut reversed, |key| Some(key.clone()));
    assert_eq!(reversed, keys);
}

#[test]
fn integers_and_pairs_of_them() {
    sorted(&[i64::MIN, -1, 0, 2, 10, i64::MAX]);
    sorted(&[i16::MIN, -1, 10]);
    sorted(&[(1, -2), (1, 10), (2, -3)]);
}

#[test]
fn bytes_from_the_first_on() {
    sorted(&[vec![], vec![0], vec![0, 0], vec![1], vec![127], vec![128], vec![255_u8]]);
}

#[cfg(feature = "uuid")]
#[test]
fn uuids_as_their_bytes() {
    let uuids = [0, 1, 0x8000_0000 << 64, 1 << 127, u128::MAX];
    sorted(&uuids.map(uuid::Uuid::from_u128));
}

#[cfg(feature = "chrono")]
#[test]
fn dates_and_moments() {
    use chrono::{DateTime, NaiveDate};

    let dates = [(-4712, 1), (-1, 12), (0, 1), (1969, 12), (2024, 2), (9999, 12)];
    sorted(&dates.map(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1).unwrap()));
    let moments = [(-1, 999_999_000), (0, 0), (0, 1_000), (1, 0)];
    let moments = moments.map(|(second, part)| DateTime::from_timestamp(second, part).unwrap());
    sorted(&moments);
    sorted(&moments.map(|moment| moment.naive_utc()));
}

#[cfg(feature = "time")]
#[test]
fn dates_and_moments_of_the_other_crate() {
    use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

    sorted(&[-1_000, 0, 2_440_588].map(|day| Date::from_julian_day(day).unwrap()));
    let moments = [-1, 0, 1_000]
        .map(|nanosecond| OffsetDateTime::from_unix_timestamp_nanos(nanosecond).unwrap());
    sorted(&moments);
    sorted(&moments.map(|moment| PrimitiveDateTime::new(moment.date(), moment.time())));
    // An hour later in another zone.
    let east = UtcOffset::from_hms(2, 0, 0).unwrap();
    let later = (moments[2] + time::Duration::HOUR).to_offset(east);
    sorted(&[moments[0], moments[2], later]);
}
