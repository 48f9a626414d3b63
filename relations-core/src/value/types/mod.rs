//! The types that live in columns.

pub(crate) mod builtin;
pub(crate) mod by;
#[cfg(feature = "chrono")]
pub(crate) mod chrono;
#[cfg(feature = "rust_decimal")]
pub(crate) mod decimal;
pub(crate) mod interval;
#[cfg(feature = "json")]
pub(crate) mod json;
pub(crate) mod range;
#[cfg(feature = "time")]
pub(crate) mod time;
#[cfg(feature = "uuid")]
pub(crate) mod uuid;
pub(crate) mod vector;
