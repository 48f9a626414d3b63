//! Messages of the database in errors, which may hold values of a row.

#![cfg_attr(not(all(feature = "postgres", feature = "sqlite")), allow(dead_code))]

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// A sentence, and all that the database said where that may hold values.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RedactableMessage {
    /// It never holds a value.
    safe: String,
    whole: Option<String>,
}

impl RedactableMessage {
    /// A sentence that holds no value.
    pub(crate) fn safe(sentence: impl Into<String>) -> Self {
        Self { safe: sentence.into(), whole: None }
    }

    /// A sentence without values in the place of one that may hold some.
    pub(crate) fn instead(safe: impl Into<String>, whole: impl Into<String>) -> Self {
        let (safe, whole) = (safe.into(), whole.into());
        Self { whole: (safe != whole).then_some(whole), safe }
    }

    /// The sentence as an error tells it.
    pub(crate) fn shown(&self, details: bool) -> &str {
        self.whole.as_deref().filter(|_| details).unwrap_or(&self.safe)
    }
}

impl fmt::Debug for RedactableMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.safe, formatter)
    }
}

/// A text that is looked at and never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hidden(pub(crate) String);

impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("…")
    }
}

/// The layer below an error. It is shared by the copies of an error that several are told.
#[derive(Clone)]
pub(crate) enum ErrorSource {
    /// It holds no values.
    Safe(Arc<dyn StdError + Send + Sync>),
    /// It may hold values, and is shown where details are asked for; a sentence otherwise.
    Secret { whole: Arc<dyn StdError + Send + Sync>, instead: Option<Sentence> },
}

impl ErrorSource {
    pub(crate) fn shown(&self, details: bool) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Safe(source) => Some(source.as_ref()),
            Self::Secret { whole, .. } if details => Some(whole.as_ref()),
            Self::Secret { instead, .. } => instead.as_ref().map(|sentence| sentence as _),
        }
    }
}

/// A message of the database without values.
#[derive(Clone)]
pub(crate) struct Sentence(pub(crate) String);

impl fmt::Display for Sentence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Sentence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl StdError for Sentence {}
