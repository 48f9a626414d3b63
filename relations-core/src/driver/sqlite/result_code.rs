//! Errors of SQLite, as this crate's errors.

use rusqlite::types::Value as Stored;
use rusqlite::{Connection, ErrorCode, OptionalExtension, ffi};

use crate::definition::entity::EntityDefinition;
use crate::definition::foreign_keys;
use crate::driver::sqlite::declared::ConstraintKind as Declared;
use crate::driver::sqlite::foreign_key_violation::Violated;
use crate::driver::sqlite::{declared, deferred_key, foreign_key_violation};
use crate::driver::statement::Statement;
use crate::error::constraint::{Constraint, Violation};
use crate::error::told::RedactableMessage;
use crate::error::{Error, Kind};
use crate::sql::operation::Operation;

/// Why a connection cannot be opened, in one line.
pub(crate) fn opening(failure: deadpool_sqlite::PoolError) -> Error {
    use deadpool_sqlite::{HookError, PoolError};

    let (why, is_busy) = match &failure {
        PoolError::Timeout(_) => return Error::new(Kind::PoolTimeout),
        PoolError::Backend(why) | PoolError::PostCreateHook(HookError::Backend(why)) => {
            let busy = [ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked];
            (why.to_string(), why.sqlite_error_code().is_some_and(|code| busy.contains(&code)))
        }
        PoolError::PostCreateHook(HookError::Message(why)) => (why.to_string(), false),
        other => (other.to_string(), false),
    };
    let kind = if is_busy {
        Kind::Busy
    } else {
        let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
        Kind::Connection(format!("cannot open the database: {why}"))
    };
    Error::new(kind).because(failure)
}

/// An error of SQLite, as this crate's error; the constraint it does not name is looked up.
pub(crate) fn error(
    connection: &Connection,
    statement: &Statement,
    values: &[Stored],
    failure: rusqlite::Error,
) -> Error {
    if statement.operation() == Operation::Commit {
        return error_at_end(connection, statement, failure);
    }
    error_or(connection, statement, &[values], failure, || {
        foreign_key_violation::foreign_key(connection, statement, values)
    })
}

/// An error at the end of a transaction, also that of one statement: a foreign key may be deferred to it.
pub(crate) fn error_at_end(
    connection: &Connection,
    statement: &Statement,
    failure: rusqlite::Error,
) -> Error {
    error_or(connection, statement, &[], failure, || deferred_key::at_commit(connection))
}

/// An error of a statement that inserts many rows, each with values of its own.
pub(crate) fn error_of_rows(
    connection: &Connection,
    statement: &Statement,
    rows: &[Vec<Stored>],
    failure: rusqlite::Error,
) -> Error {
    let all: Vec<_> = rows.iter().map(Vec::as_slice).collect();
    error_or(connection, statement, &all, failure, || {
        foreign_key_violation::foreign_key_of_rows(connection, statement, rows)
    })
}

/// An error of SQLite, with the foreign key that is looked up.
fn error_or(
    connection: &Connection,
    statement: &Statement,
    rows: &[&[Stored]],
    failure: rusqlite::Error,
    foreign_key: impl FnOnce() -> rusqlite::Result<Option<Violated>>,
) -> Error {
    if let rusqlite::Error::InvalidParameterName(name) = &failure {
        return Error::invalid_request(format!(
            "`{name}` is not a placeholder; write `$1` for the first value, `$2` for the second",
        ));
    }
    let code = match &failure {
        rusqlite::Error::SqliteFailure(code, _) => *code,
        rusqlite::Error::SqlInputError { error, .. } => *error,
        _ => return driver_error(failure),
    };
    let (message, is_running) = match &failure {
        rusqlite::Error::SqliteFailure(_, Some(message)) => (message.clone(), true),
        rusqlite::Error::SqlInputError { msg, .. } => (msg.clone(), false),
        other => (other.to_string(), true),
    };
    let named = message.split_once(": ").map(|(_, named)| named.to_owned());
    let entity = statement.entity();
    let constraint = match code.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_ROWID => {
            Some(unique(connection, statement, rows, named.as_deref()))
        }
        // A key that refuses at once comes as a trigger of SQLite's own.
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY | ffi::SQLITE_CONSTRAINT_TRIGGER
            if message == "FOREIGN KEY constraint failed" =>
        {
            Some(match foreign_key().ok().flatten() {
                Some(found) => held(connection, found),
                None => Constraint::new(Violation::ForeignKey),
            })
        }
        ffi::SQLITE_CONSTRAINT_NOTNULL => {
            let of = named.as_deref().and_then(|named| columns(connection, entity, named));
            let (table, columns) = of.unzip();
            let column = columns.and_then(|columns| columns.into_iter().next());
            Some(Constraint { table, column, ..Constraint::new(Violation::NotNull) })
        }
        ffi::SQLITE_CONSTRAINT_CHECK => Some(check(connection, entity, named)),
        _ => None,
    };
    let kind = match (constraint, code.code) {
        (Some(constraint), _) => Kind::Constraint(Box::new(constraint)),
        // Its snapshot is outdated, so no wait would help.
        (None, ErrorCode::DatabaseBusy) if code.extended_code == ffi::SQLITE_BUSY_SNAPSHOT => {
            Kind::Serialization
        }
        (None, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Kind::Busy,
        (None, ErrorCode::SchemaChanged) => Kind::PlanChanged,
        (None, ErrorCode::ReadOnly) => Kind::ReadOnly,
        (None, ErrorCode::CannotOpen | ErrorCode::NotADatabase | ErrorCode::SystemIoFailure) => {
            Kind::Connection(message.clone())
        }
        (None, _) => Kind::Database {
            code: Some(code.extended_code.to_string()),
            message: told(&message, code.extended_code, is_running),
        },
    };
    let sentence = told(&message, code.extended_code, is_running).shown(false).to_owned();
    Error::new(kind).because_of_secret(failure, Some(sentence))
}

/// An error of the driver itself, which may quote a value.
fn driver_error(failure: rusqlite::Error) -> Error {
    let whole = failure.to_string();
    let message = match &failure {
        rusqlite::Error::ToSqlConversionFailure(_)
        | rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::UserFunctionError(_) => {
            RedactableMessage::instead("the driver could not read or write a value", whole)
        }
        _ => RedactableMessage::safe(whole),
    };
    Error::new(Kind::Database { code: None, message }).because_of_secret(failure, None)
}

/// The parts of a message that hold no value of a row: an error before a statement runs names tables
/// and columns, but quotes SQL where that cannot be read; what is said while it runs may quote data.
fn told(message: &str, extended_code: i32, is_running: bool) -> RedactableMessage {
    let is_safe = match extended_code & 0xff {
        ffi::SQLITE_CONSTRAINT => extended_code != ffi::SQLITE_CONSTRAINT_TRIGGER,
        ffi::SQLITE_ERROR | ffi::SQLITE_MISMATCH if is_running => {
            !message.contains(|character: char| {
                character == '"' || character == '\'' || character.is_ascii_digit()
            })
        }
        ffi::SQLITE_ERROR => {
            !message.starts_with("near ")
                && !message.starts_with("unrecognized token")
                && !message.contains("syntax error")
        }
        _ => true,
    };
    if is_safe {
        return RedactableMessage::safe(message);
    }
    let safe = match extended_code {
        ffi::SQLITE_CONSTRAINT_TRIGGER => "a trigger raised an error",
        _ if is_running => "a function refused a value",
        _ => "the SQL has a syntax error",
    };
    RedactableMessage::instead(safe, message)
}

/// The key that another row has, of the table and columns that SQLite names.
fn unique(
    connection: &Connection,
    statement: &Statement,
    rows: &[&[Stored]],
    named: Option<&str>,
) -> Constraint {
    let constraint = Constraint { is_certain: true, ..Constraint::new(Violation::Unique) };
    let Some(named) = named else { return constraint };
    // An index over an expression is told by its name.
    if let Some(index) = named.strip_prefix("index '").and_then(|name| name.strip_suffix('\'')) {
        let table = "SELECT tbl_name FROM sqlite_schema WHERE type = 'index' AND name = ?1";
        let table = connection.query_row(table, [index], |row| row.get(0)).optional();
        let table = table.ok().flatten();
        return Constraint { name: Some(index.to_owned()), table, ..constraint };
    }
    let Some((table, columns)) = columns(connection, statement.entity(), named) else {
        return constraint;
    };
    Constraint {
        name: key_name(connection, &table, &columns),
        key: own_key(connection, statement, rows, &table, &columns),
        table: Some(table),
        columns,
        ..constraint
    }
}

/// The key that a statement gives a row, if that is the key which another row has.
fn own_key(
    connection: &Connection,
    statement: &Statement,
    rows: &[&[Stored]],
    table: &str,
    columns: &[String],
) -> Option<Vec<String>> {
    if !statement.entity().is_some_and(|entity| foreign_keys::is_table(entity, table)) {
        return None;
    }
    let at =
        |column: &String| statement.assigned.iter().position(|property| property.column == column);
    let at: Vec<_> = columns.iter().map(at).collect::<Option<_>>()?;
    let key =
        |row: &&[Stored]| at.iter().map(|at| row.get(*at).cloned()).collect::<Option<Vec<_>>>();
    let is_there = |key: &[Stored]| {
        foreign_key_violation::is_there(connection, table, columns, key).unwrap_or_default()
    };
    let key = match rows {
        [only] => {
            // A trigger may have written another row of this table.
            let may_be_other =
                foreign_key_violation::has_triggers(connection, table).unwrap_or(true);
            key(only).filter(|key| !may_be_other || is_there(key))?
        }
        several => {
            let mut before = Vec::new();
            let mut keys = several.iter().filter_map(key);
            keys.find(|key| {
                let is_taken = before.contains(key) || is_there(key);
                before.push(key.clone());
                is_taken
            })?
        }
    };
    Some(key.iter().map(spelled).collect())
}

/// The name of the constraint or the index that holds a key unique; none where it has none.
fn key_name(connection: &Connection, table: &str, columns: &[String]) -> Option<String> {
    let kinds = [Declared::PrimaryKey, Declared::Unique];
    if let Some(name) = declared::name_of(connection, table, &kinds, columns) {
        return Some(name);
    }
    let all = "SELECT name FROM pragma_index_list(?1) WHERE \"unique\" AND origin = 'c'";
    let over = "SELECT name FROM pragma_index_info(?1) ORDER BY seqno";
    let names = |sql: &str, of: &str| -> rusqlite::Result<Vec<Option<String>>> {
        connection.prepare(sql)?.query_map([of], |row| row.get(0))?.collect()
    };
    let is_over = |index: &String| {
        let own = names(over, index).unwrap_or_default();
        own.len() == columns.len()
            && own.iter().zip(columns).all(|(own, told)| own.as_ref() == Some(told))
    };
    names(all, table).ok()?.into_iter().flatten().find(is_over)
}

/// A foreign key as an error tells it.
fn held(connection: &Connection, found: Violated) -> Constraint {
    let Violated { key, is_referenced, values, rows } = found;
    let violation = if is_referenced { Violation::Referenced } else { Violation::ForeignKey };
    Constraint {
        name: declared::name_of(connection, &key.source, &[Declared::ForeignKey], &key.from),
        table: Some(key.source),
        columns: key.from,
        target: Some((key.target, key.to)),
        key: values.map(|values| values.iter().map(spelled).collect()),
        referencing: rows,
        is_certain: true,
        ..Constraint::new(violation)
    }
}

/// A check, which SQLite names, or quotes where it has no name; the table is that which has it.
fn check(
    connection: &Connection,
    entity: Option<&'static EntityDefinition>,
    named: Option<String>,
) -> Constraint {
    let constraint = Constraint::new(Violation::Check);
    let Some(named) = named else { return constraint };
    let has_name = |table: &str| {
        let mut all = declared::constraints(connection, table).into_iter();
        all.any(|one| one.kind == Declared::Check && one.name.as_deref() == Some(&*named))
    };
    let own = entity.map(|entity| entity.table);
    if own.is_some_and(has_name) {
        return Constraint { table: own.map(str::to_owned), name: Some(named), ..constraint };
    }
    let tables = tables(connection);
    let mut with_name = tables.iter().filter(|table| has_name(table));
    if let (Some(only), None) = (with_name.next(), with_name.next()) {
        return Constraint { table: Some(only.clone()), name: Some(named), ..constraint };
    }
    let with_text = "SELECT name FROM sqlite_schema WHERE type = 'table' AND instr(sql, ?1) > 0 \
                     ORDER BY name <> ?2 COLLATE NOCASE LIMIT 1";
    let table =
        connection.query_row(with_text, [&*named, own.unwrap_or_default()], |row| row.get(0));
    Constraint { table: table.optional().ok().flatten(), name: Some(named), ..constraint }
}

/// The table and the columns that SQLite names as `table.column, table.column`.
fn columns(
    connection: &Connection,
    entity: Option<&'static EntityDefinition>,
    named: &str,
) -> Option<(String, Vec<String>)> {
    let of = |table: &str| -> Option<Vec<String>> {
        let columns = named.strip_prefix(table)?.strip_prefix('.')?;
        Some(columns.split(&format!(", {table}.")).map(str::to_owned).collect())
    };
    if let Some(entity) = entity
        && let Some(columns) = of(entity.table)
        && columns.iter().all(|column| entity.properties.iter().any(|one| one.column == column))
    {
        return Some((entity.table.to_owned(), columns));
    }
    let has = |table: &str, column: &String| {
        let sql = "SELECT EXISTS (SELECT 1 FROM pragma_table_xinfo(?1) WHERE name = ?2)";
        connection.query_row(sql, [table, column], |row| row.get(0)).unwrap_or_default()
    };
    tables(connection).into_iter().find_map(|table| {
        let columns = of(&table)?;
        columns.iter().all(|column| has(&table, column)).then_some((table, columns))
    })
}

/// The tables of the database.
fn tables(connection: &Connection) -> Vec<String> {
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    let Ok(mut tables) = connection.prepare(tables) else { return Vec::new() };
    let names = tables.query_map([], |row| row.get(0));
    names.map(|names| names.filter_map(Result::ok).collect()).unwrap_or_default()
}

/// A stored value, as errors tell it.
fn spelled(value: &Stored) -> String {
    match value {
        Stored::Null => "null".to_owned(),
        Stored::Integer(integer) => integer.to_string(),
        Stored::Real(real) => real.to_string(),
        Stored::Text(text) => text.clone(),
        Stored::Blob(bytes) => {
            let hex = bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02X}"));
            format!("X'{hex}'")
        }
    }
}
