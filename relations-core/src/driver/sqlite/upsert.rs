//! Rows that one call inserts unless they are there, all of them or none.

use std::collections::HashSet;

use rusqlite::Connection;
use rusqlite::types::Value as Stored;

use crate::dialect::StatementSql;
use crate::driver::sqlite::result_code::error;
use crate::driver::sqlite::rows::{SAVEPOINT, broken, end, is_orphan};
use crate::driver::sqlite::{Permitted, SqliteAnswer, Within, execute};
use crate::driver::statement::Statement;
use crate::error::{Error, Kind, Result};

/// Runs a statement for each row, and further ones until one of them brings the row.
///
/// A row whose foreign key points to nothing is tried again when the others are there, as it may point
/// to one of them; each time in the other direction, so that chains take two rounds.
pub(crate) fn rows(
    connection: &mut Connection,
    statement: &Statement,
    otherwise: &[StatementSql],
    each_once: bool,
    values: &[Vec<Stored>],
    within: Within,
) -> Result<SqliteAnswer> {
    let savepoint = connection.savepoint_with_name(SAVEPOINT).map_err(broken)?;
    let steps: Vec<_> = std::iter::once(&statement.sql)
        .chain(otherwise)
        .map(|sql| Statement { sql: sql.clone(), ..statement.clone() })
        .collect();
    let mut answers: Vec<Option<Vec<Stored>>> = vec![None; values.len()];
    let mut waiting: Vec<usize> = (0..values.len()).collect();
    while !waiting.is_empty() {
        let (mut orphans, before) = (Vec::new(), waiting.len());
        let mut first = None;
        for at in waiting {
            let Some(row) = values.get(at) else { continue };
            match one(&savepoint, &steps, row, within)? {
                Ok(answer) => {
                    if let Some(place) = answers.get_mut(at) {
                        *place = answer;
                    }
                }
                Err(failure) => {
                    orphans.push(at);
                    first.get_or_insert((at, failure));
                }
            }
        }
        if let Some((at, failure)) = first.filter(|_| orphans.len() == before) {
            let row = values.get(at).map_or(&[][..], Vec::as_slice);
            return Err(error(&savepoint, statement, row, failure));
        }
        orphans.reverse();
        waiting = orphans;
    }
    let rows: Vec<_> = answers.into_iter().flatten().collect();
    if each_once {
        met_once(statement, &rows)?;
    }
    let changed = rows.len() as u64;
    let answer = SqliteAnswer { rows, changed, ..SqliteAnswer::default() };
    answer.check(statement)?;
    end(savepoint, statement)?;
    Ok(answer)
}

/// The row of the first statement that brings one, or the failure of a row that points to nothing.
fn one(
    connection: &Connection,
    steps: &[Statement],
    row: &[Stored],
    within: Within,
) -> Result<rusqlite::Result<Option<Vec<Stored>>>> {
    for step in steps {
        let mut answer = SqliteAnswer::default();
        match execute(&mut answer, connection, step, row, within) {
            Ok(Permitted::Yes) => {}
            Ok(Permitted::No) => return Err(Error::new(Kind::ReadOnly)),
            Err(failure) if is_orphan(&failure) => return Ok(Err(failure)),
            Err(failure) => return Err(error(connection, step, row, failure)),
        }
        if let Some(row) = answer.rows.pop() {
            return Ok(Ok(Some(row)));
        }
    }
    Ok(Ok(None))
}

/// Makes sure that no row is there twice, which two rows of a call were then.
fn met_once(statement: &Statement, rows: &[Vec<Stored>]) -> Result<()> {
    let Some(entity) = statement.entity() else { return Ok(()) };
    let ids: Vec<_> = entity.properties.iter().enumerate().filter(|(_, one)| one.id).collect();
    let mut met = HashSet::with_capacity(rows.len());
    for row in rows {
        let id: Vec<_> = ids.iter().map(|(at, _)| format!("{:?}", row.get(*at))).collect();
        if !met.insert(id) {
            return Err(Error::given_twice(entity, None));
        }
    }
    Ok(())
}
