//! What SQLite refuses, as this crate's errors.

use rusqlite::types::Value as Stored;
use rusqlite::{Connection, ErrorCode, ffi};

use super::super::Statement;
use super::violated;
use crate::error::{Error, Kind, Violation};
use crate::schema;

/// What SQLite says, as this crate's error; the constraint it does not name is looked up.
pub(super) fn error(
    connection: &Connection,
    statement: &Statement,
    values: &[Stored],
    failure: rusqlite::Error,
) -> Error {
    error_or(statement, failure, || violated::foreign_key(connection, statement, values))
}

/// The same of a statement that inserts many rows, each with values of its own.
pub(super) fn error_of_rows(
    connection: &Connection,
    statement: &Statement,
    rows: &[Vec<Stored>],
    failure: rusqlite::Error,
) -> Error {
    error_or(statement, failure, || violated::foreign_key_of_rows(connection, statement, rows))
}

/// What SQLite says, with the foreign key that is looked up.
fn error_or(
    statement: &Statement,
    failure: rusqlite::Error,
    foreign_key: impl FnOnce() -> rusqlite::Result<Option<(&'static str, String)>>,
) -> Error {
    if let rusqlite::Error::InvalidParameterName(name) = &failure {
        return Error::refused(format!(
            "`{name}` is no placeholder; write `$1` for the first value, `$2` for the second",
        ));
    }
    let Some(code) = failure.sqlite_error() else {
        return Error::new(Kind::Database { code: None, message: failure.to_string() })
            .because(failure);
    };
    let message = match &failure {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    };
    let named = message.split_once(": ").map(|(_, named)| named.to_owned());
    let refused = |violation, constraint| Kind::Constraint {
        violation,
        constraint,
        table: None,
        column: None,
    };
    let kind = match code.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_ROWID => {
            let of = |(columns, entity): (String, _)| schema::unique_constraint(entity, &columns);
            refused(Violation::Unique, named.zip(statement.entity()).and_then(of))
        }
        // A key that refuses at once comes as a trigger of SQLite's own.
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY | ffi::SQLITE_CONSTRAINT_TRIGGER
            if message == "FOREIGN KEY constraint failed" =>
        {
            let found = foreign_key().ok().flatten();
            let (table, constraint) = found.unzip();
            Kind::Constraint {
                violation: Violation::ForeignKey,
                constraint,
                table: table.map(str::to_owned),
                column: None,
            }
        }
        ffi::SQLITE_CONSTRAINT_NOTNULL => Kind::Constraint {
            violation: Violation::NotNull,
            constraint: None,
            table: None,
            column: named
                .as_deref()
                .zip(statement.entity())
                .and_then(|(named, entity)| named.strip_prefix(entity.table)?.strip_prefix('.'))
                .map(str::to_owned),
        },
        ffi::SQLITE_CONSTRAINT_CHECK => refused(Violation::Check, named),
        _ => match code.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Kind::Serialization,
            ErrorCode::SchemaChanged => Kind::PlanChanged,
            ErrorCode::CannotOpen | ErrorCode::NotADatabase | ErrorCode::SystemIoFailure => {
                Kind::Connection(message)
            }
            _ => Kind::Database { code: Some(code.extended_code.to_string()), message },
        },
    };
    Error::new(kind).because(failure)
}
