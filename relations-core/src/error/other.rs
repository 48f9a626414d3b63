//! Errors of the program's own, as errors of this library.

use std::error::Error as StdError;
use std::sync::Arc;

use crate::error::told::ErrorSource;
use crate::error::{Error, Kind};

impl Error {
    /// Wraps an error of your own, so that the work of a
    /// [`transaction`](crate::Transactional::transaction) can fail with it.
    ///
    /// `Display` shows its own text, [`source`](StdError::source) returns it, and
    /// [`downcast_ref`](Self::downcast_ref) finds it by its type. A `relations::Error` stays the same.
    ///
    /// ```
    /// use relations::Error;
    ///
    /// let error = Error::other("out of stock");
    /// assert_eq!(error.to_string(), "out of stock");
    ///
    /// let error = Error::other("x".parse::<i32>().unwrap_err());
    /// assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
    /// ```
    ///
    /// A transaction that fails with it is rolled back. It is retried only if one of its statements had
    /// a serialization failure or a deadlock.
    #[must_use]
    #[doc(alias = "custom")]
    pub fn other(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        match error.into().downcast::<Self>() {
            Ok(error) => *error,
            Err(error) => {
                let mut other = Self::new(Kind::Other);
                other.0.source = Some(ErrorSource::Safe(Arc::from(error)));
                other
            }
        }
    }

    /// The error that was passed to [`other`](Self::other), if it has this type.
    #[must_use]
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        if self.0.kind == Kind::Other { self.source()?.downcast_ref() } else { None }
    }
}
