//! Ranges in serde's formats: `{"lower": 4, "upper": 8, "bounds": "[)"}`, of which an absent bound is null, or
//! `{"empty": true}`.

use std::ops::Bound;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Range, value_of};
use crate::value::types::range::element::RangeElement;

#[derive(Serialize)]
struct Empty {
    empty: bool,
}

#[derive(Serialize)]
struct SerdeRange<'range, T> {
    lower: Option<&'range T>,
    upper: Option<&'range T>,
    bounds: &'static str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a range, as {\"lower\": 4, \"upper\": 8}")]
struct Read<T> {
    #[serde(default)]
    empty: bool,
    lower: Option<T>,
    upper: Option<T>,
    bounds: Option<String>,
}

impl<T: Serialize> Serialize for Range<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some((lower, upper)) = &self.bounds else {
            return Empty { empty: true }.serialize(serializer);
        };
        let bounds = match (lower, upper) {
            (Bound::Included(_), Bound::Included(_)) => "[]",
            (Bound::Included(_), _) => "[)",
            (_, Bound::Included(_)) => "(]",
            _ => "()",
        };
        let (lower, upper) = (value_of(lower), value_of(upper));
        SerdeRange { lower, upper, bounds }.serialize(serializer)
    }
}

impl<'de, T: RangeElement + Deserialize<'de>> Deserialize<'de> for Range<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Read { empty, lower, upper, bounds } = Read::deserialize(deserializer)?;
        if empty {
            let has_none = lower.is_none() && upper.is_none() && bounds.is_none();
            return if has_none {
                Ok(Self::empty())
            } else {
                Err(D::Error::custom("an empty range has no bounds"))
            };
        }
        let (lower_is_included, upper_is_included) = match bounds.as_deref() {
            None | Some("[)") => (true, false),
            Some("[]") => (true, true),
            Some("(]") => (false, true),
            Some("()") => (false, false),
            Some(_) => return Err(D::Error::custom("`bounds` is `[)`, `[]`, `(]` or `()`")),
        };
        Ok(Self::new(bound(lower, lower_is_included), bound(upper, upper_is_included)))
    }
}

fn bound<T>(value: Option<T>, is_included: bool) -> Bound<T> {
    match value {
        Some(value) if is_included => Bound::Included(value),
        Some(value) => Bound::Excluded(value),
        None => Bound::Unbounded,
    }
}
