//! JSON, as it is or as a type of the user's.

use sea_query::Value as SqlValue;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::definition::property::ColumnType;
use crate::value::parameter::{NUL, Parameter, has_nul};
use crate::value::row::{Cell, Mismatch};
use crate::value::wire::Unfit;
use crate::value::{Element, Value};

value!(
    serde_json::Value,
    Json,
    |json: &serde_json::Value| Value::into_parameter(json.clone()),
    into_parameter,
    |stored| exact(stored.text()?).ok(),
    read = decode_checked
);

/// The JSON of a text, unless a number in it has more digits than would be kept.
pub(crate) fn exact(
    text: &str,
) -> std::result::Result<serde_json::Value, Box<dyn std::error::Error + Send + Sync>> {
    const TOO_LONG: &str = "a JSON number of more digits than `serde_json` keeps; make the property \
                            a `String` with `#[column(type = \"jsonb\")]`, or turn on the feature \
                            `arbitrary_precision` of `serde_json`";
    let json = serde_json::from_str(text)?;
    if long_numbers(text).all(is_kept) { Ok(json) } else { Err(Unfit(TOO_LONG).into()) }
}

/// The numbers in a text of JSON that are longer than any float or integer keeps.
fn long_numbers(text: &str) -> impl Iterator<Item = &str> {
    const ALWAYS_KEPT: usize = 15;
    let mut bytes = text.bytes().enumerate();
    std::iter::from_fn(move || {
        loop {
            let (start, byte) = bytes.next()?;
            if byte == b'"' {
                while let Some((_, byte)) = bytes.next() {
                    match byte {
                        b'\\' => bytes.next().map_or((), |_| ()),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            if byte == b'-' || byte.is_ascii_digit() {
                let rest = text.get(start..)?;
                let is_part = |byte: u8| {
                    byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E')
                };
                let length = rest.bytes().take_while(|byte| is_part(*byte)).count();
                let number = rest.get(..length)?;
                if length > 1 {
                    bytes.nth(length - 2);
                }
                if length > ALWAYS_KEPT || number.contains(['e', 'E']) {
                    return Some(number);
                }
            }
        }
    })
}

/// Whether a number is written with all of its digits when it was read.
fn is_kept(number: &str) -> bool {
    let read = serde_json::from_str::<serde_json::Number>(number);
    read.is_ok_and(|read| digits(&read.to_string()) == digits(number))
}

/// The digits of a number without zeros around them, and the power of ten of the last.
fn digits(number: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_negative = whole.starts_with('-');
    let all = format!("{}{fraction}", whole.trim_start_matches('-'));
    let kept = all.trim_end_matches('0');
    let behind = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let zeros = i64::try_from(all.len() - kept.len()).unwrap_or(i64::MAX);
    let kept = kept.trim_start_matches('0');
    if kept.is_empty() {
        return (false, String::new(), 0);
    }
    let exponent = exponent.trim_start_matches('+').parse::<i64>().unwrap_or(i64::MAX);
    (is_negative, kept.to_owned(), exponent.saturating_sub(behind).saturating_add(zeros))
}

fn into_parameter(json: serde_json::Value) -> Parameter {
    if holds_nul(&json) {
        return Parameter::invalid(NUL);
    }
    Parameter::from_sql(SqlValue::Json(Some(Box::new(json))))
}

/// Whether a text in it holds a NUL character, which `jsonb` cannot.
fn holds_nul(json: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::String(text) => has_nul(text),
        serde_json::Value::Array(elements) => elements.iter().any(holds_nul),
        serde_json::Value::Object(members) => {
            members.iter().any(|(name, value)| has_nul(name) || holds_nul(value))
        }
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {
            false
        }
    }
}

/// A type of your own, stored as JSON.
///
/// ```
/// use relations::Json;
/// use relations::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Clone, Serialize, Deserialize)]
/// struct Address {
///     city: String,
/// }
///
/// #[derive(Entity)]
/// struct Customer {
///     #[id(generated)]
///     id: i64,
///     address: Json<Address>,
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Json<T>(pub T);

impl<T: Serialize + DeserializeOwned + Clone + std::fmt::Debug + Send + Sync + 'static> Value
    for Json<T>
{
    const TYPE: ColumnType = ColumnType::Json;

    fn to_parameter(&self) -> Parameter {
        match serde_json::to_value(&self.0) {
            Ok(json) => Value::into_parameter(json),
            // The reason is the type's own, and may quote a value.
            Err(_) => Parameter::invalid("cannot be written as JSON; look at its `Serialize`"),
        }
    }

    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        let json = <serde_json::Value as Value>::read(cell)?;
        serde_json::from_value(json).map(Self).map_err(Mismatch::other)
    }
}

impl Element for serde_json::Value {}

impl<T> Element for Json<T> where Self: Value {}

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::exact;

    #[test]
    fn a_number_is_read_with_all_of_its_digits_or_not_at_all() {
        let kept = [
            "0",
            "-0",
            "9223372036854775807",
            "18446744073709551615",
            "-9223372036854775808",
            "0.1",
            "1e3",
            "1.50",
            "1E+300",
            "100000000000000000000000",
            "0.30000000000000004",
            "{\"12345678901234567890123\": \"12345678901234567890123 \\\" 1e999\"}",
            "[1,2.5,-3]",
        ];
        let lost = [
            "12345678901234567890123",
            "0.10000000000000000000001",
            "[1, {\"a\": 1e-400}]",
            "1e400",
            "1.2345e-320",
            "18446744073709551617",
            "-9223372036854775809",
        ];
        for text in kept {
            assert!(exact(text).is_ok(), "{text}");
        }
        for text in lost {
            assert!(exact(text).is_err(), "{text}");
        }
    }
}
