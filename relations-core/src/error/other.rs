//! Errors of the program's own, as errors of this library.

use std::error::Error as StdError;
use std::sync::Arc;

use crate::error::told::ErrorSource;
use crate::error::{Error, Kind};

impl Error {
    /// An error of the program's own, so that the work of a
    /// [`transaction`](crate::Transactional::transaction) can fail with it.
    ///
    /// It is shown by its own text, is the [`source`](StdError::source), and is found again by
    /// [`downcast_ref`](Self::downcast_ref). An error that is a `relations::Error` already stays the same.
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
    /// A transaction that fails with it is rolled back. It is retried only if one of its statements lost
    /// against another transaction.
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

    /// The error that [`other`](Self::other) was given, if it is of this type.
    #[must_use]
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        if self.0.kind == Kind::Other { self.source()?.downcast_ref() } else { None }
    }
}
