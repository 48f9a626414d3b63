//! Calls of several statements, of which all hold or none.

use rusqlite::Connection;
use rusqlite::types::Value as Stored;

use crate::dialect::StatementSql;
use crate::driver::sqlite::{SqliteAnswer, Within, all_or_nothing, answer};
use crate::driver::statement::Statement;
use crate::error::Result;

/// The answer to a statement, or to the first of others that brings a row, where it brings none.
pub(super) fn answer_or_else(
    connection: &Connection,
    statement: &Statement,
    otherwise: &[StatementSql],
    values: &[Stored],
    within: Within,
) -> Result<SqliteAnswer> {
    all_or_nothing(connection, statement, |connection| {
        let mut answered = answer(connection, statement, values, within)?;
        for sql in otherwise {
            if !answered.rows.is_empty() {
                break;
            }
            let statement = Statement { sql: sql.clone(), ..statement.clone() };
            answered = answer(connection, &statement, values, within)?;
        }
        Ok(answered)
    })
}

/// The answer to the last of some statements, which are given the value that the first one brings.
pub(super) fn answer_in_steps(
    connection: &Connection,
    statement: &Statement,
    steps: &[StatementSql],
    values: &[Stored],
    within: Within,
) -> Result<SqliteAnswer> {
    all_or_nothing(connection, statement, |connection| {
        let first = Statement { returned: None, ..statement.clone() };
        let found = answer(connection, &first, values, within)?;
        let given: Vec<Stored> = found.rows.into_iter().next().unwrap_or_default();
        let mut answered = SqliteAnswer::default();
        for (number, sql) in (1..).zip(steps) {
            let returned = statement.returned.clone().filter(|_| number == steps.len());
            let step = Statement { sql: sql.clone(), returned, ..statement.clone() };
            answered = answer(connection, &step, &given, within)?;
        }
        Ok(answered)
    })
}
