//! What PostgreSQL and its driver refuse, as errors of this crate.

use std::error::Error as StdError;

use tokio_postgres::error::SqlState;

use crate::error::{Error, Kind, Violation};

/// What the driver says, as this crate's error. SQLSTATE decides before any name does.
pub(in crate::engine) fn error(error: tokio_postgres::Error) -> Error {
    let kind = match error.as_db_error() {
        Some(refusal) => {
            let violation = match *refusal.code() {
                SqlState::UNIQUE_VIOLATION => Some(Violation::Unique),
                SqlState::FOREIGN_KEY_VIOLATION | SqlState::RESTRICT_VIOLATION => {
                    Some(Violation::ForeignKey)
                }
                SqlState::NOT_NULL_VIOLATION => Some(Violation::NotNull),
                SqlState::CHECK_VIOLATION => Some(Violation::Check),
                _ => None,
            };
            let code = refusal.code().code();
            match (violation, refusal.code()) {
                (Some(violation), _) => Kind::Constraint {
                    violation,
                    constraint: refusal.constraint().map(ToOwned::to_owned),
                    table: refusal.table().map(ToOwned::to_owned),
                    column: refusal.column().map(ToOwned::to_owned),
                },
                (None, &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => {
                    Kind::Serialization
                }
                (None, &SqlState::READ_ONLY_SQL_TRANSACTION) => Kind::ReadOnly,
                (None, &SqlState::INVALID_SQL_STATEMENT_NAME) => Kind::PlanChanged,
                // The place tells it from what the server cannot do at all.
                (None, &SqlState::FEATURE_NOT_SUPPORTED)
                    if refusal.routine() == Some("RevalidateCachedQuery") =>
                {
                    Kind::PlanChanged
                }
                (None, &SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN) => {
                    Kind::Connection(refusal.message().to_owned())
                }
                (None, &SqlState::LOCK_NOT_AVAILABLE) => Kind::Locked,
                // The server closes, starts, or has no place for another connection.
                _ if code.starts_with("08") || code.starts_with("57P") || code == "53300" => {
                    Kind::Connection(refusal.message().to_owned())
                }
                _ => Kind::Database {
                    code: Some(code.to_owned()),
                    message: refusal.message().to_owned(),
                },
            }
        }
        None if error.is_closed() => Kind::Connection(error.to_string()),
        None if let Some(cause) = io_cause(&error) => Kind::Connection(format!("{error}: {cause}")),
        None => Kind::Database { code: None, message: error.to_string() },
    };
    Error::new(kind).because(error)
}

/// The reason why nothing more can be sent or read, which tells no value.
fn io_cause(error: &tokio_postgres::Error) -> Option<&std::io::Error> {
    error.source()?.downcast_ref()
}

/// What keeps somebody from connecting.
pub(super) fn connecting(failure: tokio_postgres::Error) -> Error {
    match error(failure) {
        refused if refused.is_connection() => refused,
        refused => {
            Error::new(Kind::Connection(format!("cannot connect: {refused}"))).because(refused)
        }
    }
}

/// The server does not answer who wants to connect.
pub(super) fn no_answer() -> Error {
    Error::new(Kind::Connection("cannot connect: the server does not answer".to_owned()))
}
