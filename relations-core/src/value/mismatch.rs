//! Reasons why a field does not hold a value of its type.

use std::borrow::Cow;

use crate::value::Value;
use crate::value::row::Cell;

/// Why a field of a row is not the value it should be.
#[derive(Debug)]
#[non_exhaustive]
pub enum Mismatch {
    /// The row has no such field.
    Absent,
    /// The row has several such fields.
    Ambiguous,
    /// The field is null.
    Null,
    /// The field is of this type.
    Type(Cow<'static, str>),
    /// The field holds text that names no variant of the enum.
    Variant(String),
    /// The field holds this, which the type does not hold whole.
    Value(Cow<'static, str>),
    /// The field is of the right type, and its value does not fit.
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl Mismatch {
    /// The field's value does not fit, for a reason of its own.
    pub fn other(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Other(Box::new(error))
    }
}

/// Reads the variant of an enum from its text; `#[derive(Value)]` calls it.
///
/// # Errors
///
/// The field is not a text, or no variant has that text.
#[doc(hidden)]
pub fn read_variant<V: Value>(
    cell: Cell<'_>,
    variant: impl FnOnce(&str) -> Option<V>,
) -> Result<V, Mismatch> {
    let text = cell.text()?;
    variant(text).ok_or_else(|| Mismatch::Variant(text.to_owned()))
}

/// Why a number is not one of an enum's; `#[derive(Value)]` calls it.
#[doc(hidden)]
pub fn no_variant(number: &impl std::fmt::Display) -> Mismatch {
    Mismatch::Value(format!("{number}, which is the number of no variant").into())
}
