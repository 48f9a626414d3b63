//! Rows that are inserted by one call, all of them or none.

use std::sync::Arc;

use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value as Stored;
use rusqlite::{Connection, ffi};

use crate::driver::sqlite::result_code::{error, error_at_end, error_of_rows};
use crate::driver::sqlite::{Permitted, SqliteAnswer, Within, execute};
use crate::driver::statement::{Otherwise, Statement};
use crate::error::{Error, Kind, Result};
use crate::sql::insert::GIVEN_VALUE;

/// The name of the savepoint that the rows are inserted in.
pub(super) const SAVEPOINT: &str = "rows";

/// Runs a statement for each row. Where one of them belongs to a later one, all are inserted by one
/// statement, at whose end SQLite looks at their keys.
pub(crate) fn insert(
    connection: &mut Connection,
    statement: &Statement,
    rows: Vec<Vec<Stored>>,
    within: Within,
) -> Result<SqliteAnswer> {
    match one_by_one(connection, statement, &rows, within)? {
        Inserted::All(answer) => Ok(answer),
        Inserted::Orphan => at_once(connection, statement, rows, within),
    }
}

enum Inserted {
    All(SqliteAnswer),
    /// None, since a row points to nothing, and a later one may be what it points to.
    Orphan,
}

fn one_by_one(
    connection: &mut Connection,
    statement: &Statement,
    rows: &[Vec<Stored>],
    within: Within,
) -> Result<Inserted> {
    let savepoint = connection.savepoint_with_name(SAVEPOINT).map_err(broken)?;
    let mut answer =
        SqliteAnswer { rows: Vec::with_capacity(rows.len()), ..SqliteAnswer::default() };
    for row in rows {
        match execute(&mut answer, &savepoint, statement, row, within) {
            Ok(Permitted::Yes) => {}
            Ok(Permitted::No) => return Err(Error::new(Kind::ReadOnly)),
            Err(failure)
                if matches!(statement.otherwise, Some(Otherwise::Orphan(_)))
                    && is_orphan(&failure) =>
            {
                return Ok(Inserted::Orphan);
            }
            // Why a row is refused is looked up while those before it are there.
            Err(failure) => return Err(error(&savepoint, statement, row, failure)),
        }
    }
    answer.check(statement)?;
    end(savepoint, statement)?;
    Ok(Inserted::All(answer))
}

fn at_once(
    connection: &mut Connection,
    statement: &Statement,
    rows: Vec<Vec<Stored>>,
    within: Within,
) -> Result<SqliteAnswer> {
    let Some(Otherwise::Orphan(sql)) = statement.otherwise.clone() else {
        return Err(Error::invalid_request("there is no statement that inserts all rows at once"));
    };
    let all = Statement { sql, otherwise: None, ..statement.without_values() };
    let numbers: Vec<_> = (0..rows.len()).map(|row| row.to_string()).collect();
    let numbers = Stored::Text(format!("[{}]", numbers.join(",")));
    let rows = Arc::new(rows);
    let savepoint = connection.savepoint_with_name(SAVEPOINT).map_err(broken)?;
    give(&savepoint, &rows).map_err(broken)?;
    let mut answer =
        SqliteAnswer { rows: Vec::with_capacity(rows.len()), ..SqliteAnswer::default() };
    let run = execute(&mut answer, &savepoint, &all, &[numbers], within);
    savepoint.remove_function(GIVEN_VALUE, 2).map_err(broken)?;
    match run {
        Ok(Permitted::Yes) => {
            answer.check(statement)?;
            end(savepoint, statement)?;
            Ok(answer)
        }
        Ok(Permitted::No) => Err(Error::new(Kind::ReadOnly)),
        Err(failure) => Err(error_of_rows(&savepoint, statement, &rows, failure)),
    }
}

/// Keeps what was done, unless a foreign key is checked now that does not hold.
pub(super) fn end(mut savepoint: rusqlite::Savepoint<'_>, statement: &Statement) -> Result<()> {
    // Otherwise it is rolled back when it goes. Why it failed is looked up before that.
    match savepoint.execute_batch(&format!("RELEASE {SAVEPOINT}")) {
        Ok(()) => {
            savepoint.set_drop_behavior(rusqlite::DropBehavior::Ignore);
            Ok(())
        }
        Err(failure) => Err(error_at_end(&savepoint, statement, failure)),
    }
}

/// Has a function give the values of the rows.
fn give(connection: &Connection, rows: &Arc<Vec<Vec<Stored>>>) -> rusqlite::Result<()> {
    let rows = Arc::clone(rows);
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function(GIVEN_VALUE, 2, flags, move |arguments| {
        let number = |at| arguments.get(at).map(|number: u32| number as usize);
        let (row, value) = (number(0)?, number(1)?);
        Ok(rows.get(row).and_then(|row| row.get(value)).cloned().unwrap_or(Stored::Null))
    })
}

pub(super) fn is_orphan(failure: &rusqlite::Error) -> bool {
    failure
        .sqlite_error()
        .is_some_and(|code| code.extended_code == ffi::SQLITE_CONSTRAINT_FOREIGNKEY)
}

pub(super) fn broken(failure: rusqlite::Error) -> Error {
    Error::new(Kind::Connection(failure.to_string())).because(failure)
}
