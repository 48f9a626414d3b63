//! The bytes of signed cursors: the parts of an id with their types, and text for URLs.

use sea_query::Value as SqlValue;

use crate::value::key::Parts;
use crate::value::parameter::Parameter;

/// Adds bytes whose number is told, so that no two lists of them are equal in a row.
pub(super) fn put(all: &mut Vec<u8>, bytes: &[u8]) {
    all.extend((bytes.len() as u64).to_be_bytes());
    all.extend(bytes);
}

/// The parts of an id.
pub(super) fn parts(mut id: &[u8]) -> Option<Parts> {
    let mut parts = Parts::new();
    while !id.is_empty() {
        let (length, rest) = id.split_first_chunk::<8>()?;
        let (part, rest) =
            rest.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)?;
        parts.push(Parameter::from_sql(value_of(part)?));
        id = rest;
    }
    Some(parts)
}

/// A part of an id as bytes, of which the first tells the type.
pub(super) fn bytes_of(part: Parameter) -> Option<Vec<u8>> {
    let with = |kind: u8, bytes: &[u8]| Some([&[kind], bytes].concat());
    match part.into_sql().ok()? {
        SqlValue::Bool(Some(value)) => with(b'b', &[u8::from(value)]),
        SqlValue::SmallInt(Some(value)) => with(b's', &value.to_be_bytes()),
        SqlValue::Int(Some(value)) => with(b'i', &value.to_be_bytes()),
        SqlValue::BigInt(Some(value)) => with(b'l', &value.to_be_bytes()),
        SqlValue::String(Some(value)) => with(b't', value.as_bytes()),
        SqlValue::Bytes(Some(value)) => with(b'y', &value),
        #[cfg(feature = "uuid")]
        SqlValue::Uuid(Some(value)) => with(b'u', value.as_bytes()),
        #[cfg(feature = "rust_decimal")]
        SqlValue::Decimal(Some(value)) => with(b'd', &value.serialize()),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDate(Some(value)) => with(b'D', value.to_string().as_bytes()),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoTime(Some(value)) => with(b'T', value.to_string().as_bytes()),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTime(Some(value)) => {
            with(b'N', value.and_utc().to_rfc3339().as_bytes())
        }
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTimeUtc(Some(value)) => with(b'Z', value.to_rfc3339().as_bytes()),
        #[cfg(feature = "time")]
        SqlValue::TimeDate(Some(value)) => with(b'1', &value.to_julian_day().to_be_bytes()),
        #[cfg(feature = "time")]
        SqlValue::TimeTime(Some(value)) => with(b'2', &nanoseconds(value).to_be_bytes()),
        #[cfg(feature = "time")]
        SqlValue::TimeDateTime(Some(value)) => {
            with(b'3', &value.assume_utc().unix_timestamp_nanos().to_be_bytes())
        }
        #[cfg(feature = "time")]
        SqlValue::TimeDateTimeWithTimeZone(Some(value)) => {
            with(b'4', &value.unix_timestamp_nanos().to_be_bytes())
        }
        _ => None,
    }
}

/// A part of an id, as it was.
fn value_of(bytes: &[u8]) -> Option<SqlValue> {
    let (kind, bytes) = bytes.split_first()?;
    let text = || std::str::from_utf8(bytes).ok();
    Some(match kind {
        b'b' => SqlValue::Bool(Some(*bytes.first()? != 0)),
        b's' => SqlValue::SmallInt(Some(i16::from_be_bytes(bytes.try_into().ok()?))),
        b'i' => SqlValue::Int(Some(i32::from_be_bytes(bytes.try_into().ok()?))),
        b'l' => SqlValue::BigInt(Some(i64::from_be_bytes(bytes.try_into().ok()?))),
        b't' => SqlValue::String(Some(text()?.to_owned())),
        b'y' => SqlValue::Bytes(Some(bytes.to_vec())),
        #[cfg(feature = "uuid")]
        b'u' => SqlValue::Uuid(Some(uuid::Uuid::from_slice(bytes).ok()?)),
        #[cfg(feature = "rust_decimal")]
        b'd' => {
            let bytes = bytes.try_into().ok()?;
            SqlValue::Decimal(Some(rust_decimal::Decimal::deserialize(bytes)))
        }
        #[cfg(feature = "chrono")]
        b'D' => SqlValue::ChronoDate(Some(text()?.parse().ok()?)),
        #[cfg(feature = "chrono")]
        b'T' => SqlValue::ChronoTime(Some(text()?.parse().ok()?)),
        #[cfg(feature = "chrono")]
        b'N' => {
            let moment: chrono::DateTime<chrono::Utc> = text()?.parse().ok()?;
            SqlValue::ChronoDateTime(Some(moment.naive_utc()))
        }
        #[cfg(feature = "chrono")]
        b'Z' => SqlValue::ChronoDateTimeUtc(Some(text()?.parse().ok()?)),
        #[cfg(feature = "time")]
        b'1' => {
            let day = i32::from_be_bytes(bytes.try_into().ok()?);
            SqlValue::TimeDate(Some(time::Date::from_julian_day(day).ok()?))
        }
        #[cfg(feature = "time")]
        b'2' => SqlValue::TimeTime(Some(time_of(i64::from_be_bytes(bytes.try_into().ok()?))?)),
        #[cfg(feature = "time")]
        b'3' => {
            let moment = moment(bytes)?;
            SqlValue::TimeDateTime(Some(time::PrimitiveDateTime::new(moment.date(), moment.time())))
        }
        #[cfg(feature = "time")]
        b'4' => SqlValue::TimeDateTimeWithTimeZone(Some(moment(bytes)?)),
        _ => return None,
    })
}

/// The nanoseconds since midnight.
#[cfg(feature = "time")]
fn nanoseconds(time: time::Time) -> i64 {
    let (hour, minute, second, nanosecond) = time.as_hms_nano();
    let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
    seconds * 1_000_000_000 + i64::from(nanosecond)
}

#[cfg(feature = "time")]
fn time_of(nanoseconds: i64) -> Option<time::Time> {
    let since_midnight = time::Duration::nanoseconds(nanoseconds);
    let is_of_a_day = !since_midnight.is_negative() && since_midnight < time::Duration::DAY;
    is_of_a_day.then(|| time::Time::MIDNIGHT + since_midnight)
}

#[cfg(feature = "time")]
fn moment(bytes: &[u8]) -> Option<time::OffsetDateTime> {
    let nanoseconds = i128::from_be_bytes(bytes.try_into().ok()?);
    time::OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok()
}

/// The digits of base 64 for URLs.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 2);
    for chunk in bytes.chunks(3) {
        let three =
            chunk.iter().chain([&0; 3]).take(3).fold(0_u32, |all, one| all << 8 | u32::from(*one));
        for digit in 0..=chunk.len() {
            let at = three >> (18 - 6 * digit) & 63;
            text.extend(DIGITS.get(at as usize).map(|digit| char::from(*digit)));
        }
    }
    text
}

/// The bytes of a text; none where it is not a text of theirs, also where bits are set that stand for
/// nothing, so that each cursor is written in one way.
pub(super) fn bytes_in(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for chunk in text.as_bytes().chunks(4) {
        let mut four = 0_u32;
        for digit in chunk {
            let at = DIGITS.iter().position(|one| one == digit)?;
            four = four << 6 | u32::try_from(at).ok()?;
        }
        four <<= 6 * (4 - chunk.len());
        let [_, all @ ..] = four.to_be_bytes();
        let (whole, rest) = all.split_at_checked(chunk.len().checked_sub(1)?)?;
        if whole.is_empty() || rest.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend(whole);
    }
    Some(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_from_their_text_alone() {
        for length in 0..200_u8 {
            let bytes: Vec<_> = (0..length).map(|byte| byte.wrapping_mul(89)).collect();
            assert_eq!(bytes_in(&text_of(&bytes)), Some(bytes));
        }
        for text in ["A", "A=", "AB", "ABC", "AAAA=", "é", "AA A", "AAAAA"] {
            assert_eq!(bytes_in(text), None, "{text}");
        }
    }

    #[test]
    fn ids_come_back_from_their_bytes() {
        let ids: [SqlValue; 6] = [
            true.into(),
            (-3_i16).into(),
            i32::MIN.into(),
            i64::MAX.into(),
            "a\u{0}é".into(),
            vec![0_u8, 255].into(),
        ];
        let mut bytes = Vec::new();
        for id in &ids {
            put(&mut bytes, &bytes_of(Parameter::from_sql(id.clone())).unwrap());
        }
        let parts: Vec<_> = parts(&bytes).unwrap().into_iter().collect();
        assert_eq!(parts, ids.map(Parameter::from_sql));
    }
    #[cfg(feature = "time")]
    #[test]
    fn times_come_back_from_their_bytes() {
        let midnight = time::OffsetDateTime::UNIX_EPOCH;
        for moment in [
            midnight,
            midnight + time::Duration::nanoseconds(-1),
            midnight + time::Duration::DAY * 9,
        ] {
            let local = time::PrimitiveDateTime::new(moment.date(), moment.time());
            for value in [
                SqlValue::TimeDate(Some(moment.date())),
                SqlValue::TimeTime(Some(moment.time())),
                SqlValue::TimeDateTime(Some(local)),
                SqlValue::TimeDateTimeWithTimeZone(Some(moment)),
            ] {
                let bytes = bytes_of(Parameter::from_sql(value.clone())).unwrap();
                assert_eq!(value_of(&bytes), Some(value));
            }
        }
        assert_eq!(time_of(-1), None);
        assert_eq!(time_of(86_400_000_000_000), None);
    }
}
