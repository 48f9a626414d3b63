//! UUIDs; text in lower case with hyphens where the engine has no type for them.

use uuid::Uuid;

use crate::value::Element;
use crate::value::row::Stored;

value!(Uuid, Uuid, Uuid, from_stored);

impl Element for Uuid {}

/// A UUID as SQLite stores it: its bytes, or its digits with or without hyphens, all in one case.
/// These are the spellings that a comparison looks for.
pub(crate) fn from_stored(stored: Stored<'_>) -> Option<Uuid> {
    match stored {
        Stored::Bytes(bytes) => Uuid::from_slice(bytes).ok(),
        Stored::Text(text) if matches!(text.len(), 32 | 36) => {
            let has = |case: fn(&u8) -> bool| text.bytes().any(|byte| case(&byte));
            let mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
            if mixed { None } else { Uuid::try_parse(text).ok() }
        }
        _ => None,
    }
}
