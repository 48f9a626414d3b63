//! Finds the foreign key that SQLite refuses a commit for, which it does not tell.

use rusqlite::Connection;

use crate::driver::sqlite::declared;
use crate::driver::sqlite::foreign_key_violation::{Violated, ViolatedKey, keys, orphaned};

/// The foreign key by which rows point to nothing at the end of a transaction, of those that are deferred
/// if there is one. Whether the row came or its target went is not known any more.
pub(crate) fn at_commit(connection: &Connection) -> rusqlite::Result<Option<Violated>> {
    let mut check = connection.prepare("PRAGMA foreign_key_check")?;
    let broken = check.query_map([], |row| Ok((row.get(0)?, row.get(3)?)))?;
    let broken: Vec<(String, i64)> = broken.collect::<Result<_, _>>()?;
    let is_broken = |key: &ViolatedKey| {
        broken.iter().any(|(table, id)| table.eq_ignore_ascii_case(&key.source) && *id == key.id)
    };
    let found: Vec<_> = keys(connection)?.into_iter().filter(is_broken).collect();
    let is_deferred = |key: &&ViolatedKey| {
        declared::constraints(connection, &key.source).iter().any(|one| {
            let is_over =
                |column: &String| key.from.iter().any(|from| from.eq_ignore_ascii_case(column));
            one.deferred && one.columns.len() == key.from.len() && one.columns.iter().all(is_over)
        })
    };
    let Some(key) = found.iter().find(is_deferred).or(found.first()) else { return Ok(None) };
    let values = orphaned(connection, key)?.into_iter().next();
    Ok(Some(Violated { key: key.clone(), is_referenced: false, values, rows: None }))
}
