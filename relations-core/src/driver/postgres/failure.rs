//! Failures of statements that were sent, and whether they can be sent again.

use crate::driver::postgres::sqlstate::error;
use crate::error::Error;

/// Whether statements whose plans changed are sent once more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    Once,
    /// The transaction has failed with the first of them.
    Never,
}

/// Why statements gave no rows.
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// Whether it is known that the server has run none of them.
    pub(crate) unsent: bool,
    /// Whether some of the rows were handed on, which must not come twice.
    pub(crate) handed: bool,
}

impl Failure {
    /// An error of the driver for a statement that gives no rows yet. A refusal comes before anything is
    /// run; silence may come after it.
    pub(crate) fn of(failure: tokio_postgres::Error) -> Self {
        Self { handed: false, unsent: failure.as_db_error().is_some(), error: error(failure) }
    }

    pub(crate) fn unsent(error: Error) -> Self {
        Self { error, unsent: true, handed: false }
    }

    /// Nobody knows how far they came.
    pub(crate) fn unknown(error: Error) -> Self {
        Self { error, unsent: false, handed: true }
    }
}

impl From<Error> for Failure {
    /// Types were looked up without end, while the statement may have been run.
    fn from(error: Error) -> Self {
        Self::unknown(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// Whether a connection is of no more use after an error.
pub(crate) fn is_of_no_use(error: &Error) -> bool {
    error.is_lost() || error.is_demoted() || error.is_within_failed_transaction()
}
