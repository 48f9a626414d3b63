//! Errors of PostgreSQL and its driver, as errors of this crate.

use std::error::Error as StdError;

use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::driver::postgres::message::{sentence, told};
use crate::driver::postgres::shard_names;
use crate::error::constraint::{Constraint, Violation};
use crate::error::told::{Hidden, RedactableMessage};
use crate::error::{Error, Kind};

/// An error of the driver, as this crate's error. SQLSTATE decides before any name does.
pub(crate) fn error(error: tokio_postgres::Error) -> Error {
    let Some(refusal) = error.as_db_error() else {
        if error.is_closed() {
            return Error::new(Kind::Connection(error.to_string())).because(error);
        }
        if let Some(cause) = io_cause(&error) {
            return Error::new(Kind::Connection(format!("{error}: {cause}"))).because(error);
        }
        // The sources may hold a value that the driver could not write or read.
        let kind =
            Kind::Database { code: None, message: RedactableMessage::safe(error.to_string()) };
        let sentence = error.to_string();
        return Error::new(kind).because_of_secret(error, Some(sentence));
    };
    let (kind, sentence) = (kind(refusal), sentence(refusal));
    Error::new(kind).because_of_secret(error, Some(sentence))
}

fn kind(refusal: &DbError) -> Kind {
    let code = refusal.code().code();
    let violation = match *refusal.code() {
        SqlState::UNIQUE_VIOLATION => Violation::Unique,
        SqlState::FOREIGN_KEY_VIOLATION => Violation::ForeignKey,
        SqlState::RESTRICT_VIOLATION => Violation::Referenced,
        SqlState::NOT_NULL_VIOLATION => Violation::NotNull,
        SqlState::CHECK_VIOLATION => Violation::Check,
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => {
            return Kind::Serialization;
        }
        SqlState::READ_ONLY_SQL_TRANSACTION => return Kind::ReadOnly,
        SqlState::INVALID_SQL_STATEMENT_NAME => return Kind::Pooled { lost: true },
        SqlState::DUPLICATE_PSTATEMENT => return Kind::Pooled { lost: false },
        // The place tells it from what the server cannot do at all.
        SqlState::FEATURE_NOT_SUPPORTED if refusal.routine() == Some("RevalidateCachedQuery") => {
            return Kind::PlanChanged;
        }
        SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN => {
            return Kind::Connection(told(refusal).shown(false).to_owned());
        }
        SqlState::LOCK_NOT_AVAILABLE => return Kind::Locked,
        // The server closes, starts, or has no place for another connection. Another severity is of a
        // connection behind the server, as to a worker of Citus or by a foreign data wrapper.
        _ if is_fatal(refusal)
            && (code.starts_with("08") || code.starts_with("57P") || code == "53300") =>
        {
            return Kind::Connection(told(refusal).shown(false).to_owned());
        }
        _ => return Kind::Database { code: Some(code.to_owned()), message: told(refusal) },
    };
    let owned = |name: Option<&str>| name.map(ToOwned::to_owned);
    let constraint = Constraint {
        name: owned(refusal.constraint()),
        schema: owned(refusal.schema()),
        table: owned(refusal.table()),
        column: owned(refusal.column()),
        detail: owned(refusal.detail()).map(Hidden),
        is_certain: violation == Violation::Referenced,
        ..Constraint::new(violation)
    };
    Kind::Constraint(Box::new(shard_names::named(constraint, refusal.message())))
}

/// Whether the server ends the connection with this error. Poolers leave out the severity that is alike
/// in every language.
fn is_fatal(refusal: &DbError) -> bool {
    match refusal.parsed_severity() {
        Some(severity) => matches!(severity, Severity::Fatal | Severity::Panic),
        None => refusal.severity() != "ERROR",
    }
}

/// The reason why nothing more can be sent or read, which tells no value.
fn io_cause(error: &tokio_postgres::Error) -> Option<&std::io::Error> {
    error.source()?.downcast_ref()
}

/// Errors that prevent a connection.
pub(crate) fn connecting(failure: tokio_postgres::Error) -> Error {
    match error(failure) {
        refused if refused.is_connection() => refused,
        refused => {
            Error::new(Kind::Connection(format!("cannot connect: {refused}"))).because(refused)
        }
    }
}

/// The server does not answer who wants to connect.
pub(crate) fn no_answer() -> Error {
    Error::new(Kind::Connection("cannot connect: the server does not answer".to_owned()))
}
