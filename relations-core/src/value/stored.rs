//! Values in SQLite's storage classes.

/// A field of an engine that stores only these.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
pub(crate) enum Stored<'row> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'row str),
    Bytes(&'row [u8]),
}

/// Up to here a float holds each integer, and no two are one float.
const WHOLE: f64 = 9_007_199_254_740_991.0;

#[cfg(any(feature = "chrono", feature = "time", feature = "json"))]
impl<'row> Stored<'row> {
    pub(crate) fn text(self) -> Option<&'row str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

impl Stored<'_> {
    /// The integer, also where a column of floats holds it.
    pub(crate) fn integer(self) -> Option<i64> {
        match self {
            Self::Integer(integer) => Some(integer),
            #[allow(clippy::cast_possible_truncation, reason = "it is an integer that fits")]
            Self::Real(real) if real.fract() == 0.0 && real.abs() <= WHOLE => Some(real as i64),
            _ => None,
        }
    }

    /// The float, also where a column of numbers holds it as an integer.
    pub(crate) fn real(self) -> Option<f64> {
        match self {
            Self::Real(real) => Some(real),
            #[allow(clippy::cast_precision_loss, reason = "it is looked at whether it fits")]
            Self::Integer(integer) => Some(integer as f64).filter(|real| real.abs() <= WHOLE),
            _ => None,
        }
    }

    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Integer(_) => "integer",
            Self::Real(_) => "real",
            Self::Text(_) => "text",
            Self::Bytes(_) => "blob",
        }
    }
}

#[cfg(feature = "sqlite")]
impl<'row> From<&'row rusqlite::types::Value> for Stored<'row> {
    fn from(value: &'row rusqlite::types::Value) -> Self {
        use rusqlite::types::Value;
        match value {
            Value::Null => Self::Null,
            Value::Integer(integer) => Self::Integer(*integer),
            Value::Real(real) => Self::Real(*real),
            Value::Text(text) => Self::Text(text),
            Value::Blob(bytes) => Self::Bytes(bytes),
        }
    }
}
