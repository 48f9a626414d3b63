//! Finds the foreign key that SQLite refused a statement for, which it does not tell.
//!
//! The keys are those of the database, and not of the entities: tables that were made elsewhere have
//! others, and tables that no relation leads to have some as well.

use rusqlite::types::Value as Stored;
use rusqlite::{Connection, params_from_iter};

use crate::definition::entity::EntityDefinition;
use crate::definition::foreign_keys;
use crate::definition::quoting::quoted;
use crate::driver::sqlite::{SqliteAnswer, Within, execute, with_tenant};
use crate::driver::statement::Statement;
use crate::sql::operation::Operation;

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ViolatedKey {
    /// Its number in its table.
    pub(super) id: i64,
    pub(crate) source: String,
    pub(crate) from: Vec<String>,
    pub(crate) target: String,
    pub(crate) to: Vec<String>,
    on_update: String,
    on_delete: String,
}

/// A foreign key that a statement would break.
pub(crate) struct Violated {
    pub(crate) key: ViolatedKey,
    /// Whether a row would go that is pointed to, instead of one that points to nothing.
    pub(crate) is_referenced: bool,
    /// The key that would be written, or that of the row that would go.
    pub(crate) values: Option<Vec<Stored>>,
    /// The number of rows that would be left without a target.
    pub(crate) rows: Option<u64>,
}

/// The foreign key that a statement would break.
///
/// The values that the statement writes may tell at once. Where they do not, the statement runs once
/// more with checks put off, to see which key then points to nothing, and is rolled back. A key
/// that refuses at once does so even then; the rows that it protects are looked for.
pub(crate) fn foreign_key(
    connection: &Connection,
    statement: &Statement,
    values: &[Stored],
) -> rusqlite::Result<Option<Violated>> {
    let Some(entity) = statement.entity() else {
        return Ok(None);
    };
    let keys = reached(connection, entity.table, keys(connection)?)?;
    if let Some(found) = unmet(connection, entity, &keys, statement, values)? {
        return Ok(Some(found));
    }
    let before = orphans(connection, &keys)?;
    let after = rolled_back(connection, || {
        execute(&mut SqliteAnswer::default(), connection, statement, values, Within::Nothing)?;
        let after = orphans(connection, &keys)?;
        let more = more(&keys, &before, &after);
        let some = more.map(|(key, rows)| Ok((key, rows, orphaned(connection, key)?)));
        some.transpose()
    });
    match after {
        Ok(Some((key, rows, orphaned))) => {
            told_apart(connection, statement, key, rows, orphaned).map(Some)
        }
        Ok(None) => Ok(None),
        // Which rows SQL of the user's own means is not known.
        Err(_) => protected(connection, entity, &keys, statement, values),
    }
}

/// The violation by rows that are inserted at once, each of which may be the target of another.
pub(crate) fn foreign_key_of_rows(
    connection: &Connection,
    statement: &Statement,
    rows: &[Vec<Stored>],
) -> rusqlite::Result<Option<Violated>> {
    let Some(entity) = statement.entity() else {
        return Ok(None);
    };
    let keys = reached(connection, entity.table, keys(connection)?)?;
    let before = orphans(connection, &keys)?;
    let found = rolled_back(connection, || {
        for row in rows {
            execute(&mut SqliteAnswer::default(), connection, statement, row, Within::Nothing)?;
        }
        for row in rows {
            if let Some(found) = unmet(connection, entity, &keys, statement, row)? {
                return Ok((Some(found), None));
            }
        }
        let more = more(&keys, &before, &orphans(connection, &keys)?);
        let some = match more {
            Some((key, rows)) => Some((key, rows, orphaned(connection, key)?)),
            None => None,
        };
        Ok((None, some))
    });
    match found? {
        (Some(found), _) => Ok(Some(found)),
        (None, Some((key, rows, orphaned))) => {
            told_apart(connection, statement, key, rows, orphaned).map(Some)
        }
        (None, None) => Ok(None),
    }
}

/// The foreign keys of the database, those of a table in their order: SQLite numbers them from the last.
pub(super) fn keys(connection: &Connection) -> rusqlite::Result<Vec<ViolatedKey>> {
    let sql = "SELECT held.name, key.id, key.\"table\", key.\"from\", key.\"to\", key.on_update, \
               key.on_delete FROM sqlite_schema AS held, pragma_foreign_key_list(held.name) AS key \
               WHERE held.type = 'table' ORDER BY held.name, key.id DESC, key.seq";
    let mut parts = connection.prepare(sql)?;
    let mut parts = parts.query([])?;
    let (mut keys, mut last) = (Vec::<ViolatedKey>::new(), None);
    while let Some(part) = parts.next()? {
        let of: (String, i64) = (part.get(0)?, part.get(1)?);
        let (from, to): (String, Option<String>) = (part.get(3)?, part.get(4)?);
        match keys.last_mut().filter(|_| last.as_ref() == Some(&of)) {
            Some(key) => {
                key.from.push(from);
                key.to.extend(to);
            }
            None => keys.push(ViolatedKey {
                id: of.1,
                source: of.0.clone(),
                from: vec![from],
                target: part.get(2)?,
                to: to.into_iter().collect(),
                on_update: part.get(5)?,
                on_delete: part.get(6)?,
            }),
        }
        last = Some(of);
    }
    // A key that names no columns references the primary key.
    for key in keys.iter_mut().filter(|key| key.to.is_empty()) {
        let id = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
        let mut id = connection.prepare(id)?;
        key.to = id.query_map([&key.target], |row| row.get(0))?.collect::<Result<_, _>>()?;
    }
    Ok(keys)
}

/// The keys that a change of a table can break: those of the table, and those that its rows and what
/// goes with them are pointed to by. A trigger may come anywhere.
fn reached(
    connection: &Connection,
    table: &str,
    all: Vec<ViolatedKey>,
) -> rusqlite::Result<Vec<ViolatedKey>> {
    let mut tables = vec![table.to_owned()];
    let mut next = 0;
    while let Some(table) = tables.get(next).cloned() {
        next += 1;
        if has_triggers(connection, &table)? {
            return Ok(all);
        }
        let restricts = |action: &str| matches!(action, "RESTRICT" | "NO ACTION");
        for key in all.iter().filter(|key| is(&key.target, &table)) {
            let stays = restricts(&key.on_update) && restricts(&key.on_delete);
            if !stays && !tables.iter().any(|known| is(known, &key.source)) {
                tables.push(key.source.clone());
            }
        }
    }
    let is_reached = |key: &ViolatedKey| {
        tables.iter().any(|known| is(known, &key.source) || is(known, &key.target))
    };
    Ok(all.into_iter().filter(is_reached).collect())
}

/// Whether a table has triggers, which may write rows besides those of a statement.
pub(crate) fn has_triggers(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' \
               AND tbl_name = ?1 COLLATE NOCASE)";
    connection.query_row(sql, [table], |row| row.get(0))
}

/// The key that a statement writes and that has no target.
fn unmet(
    connection: &Connection,
    entity: &'static EntityDefinition,
    keys: &[ViolatedKey],
    statement: &Statement,
    values: &[Stored],
) -> rusqlite::Result<Option<Violated>> {
    let written = |column: &String| {
        let at = statement.assigned.iter().position(|property| is(property.column, column))?;
        values.get(at).filter(|value| **value != Stored::Null).cloned()
    };
    let written = |columns: &[String]| columns.iter().map(written).collect::<Option<Vec<_>>>();
    for key in keys.iter().filter(|key| foreign_keys::is_table(entity, &key.source)) {
        let Some(value) = written(&key.from) else {
            continue;
        };
        // A row may be its own target.
        if is(&key.target, &key.source) && written(&key.to).as_ref() == Some(&value) {
            continue;
        }
        if !is_there(connection, &key.target, &key.to, &value)? {
            return Ok(Some(Violated {
                key: key.clone(),
                is_referenced: false,
                values: Some(value),
                rows: None,
            }));
        }
    }
    Ok(None)
}

/// Whether a table has a row with some values.
pub(crate) fn is_there(
    connection: &Connection,
    table: &str,
    columns: &[String],
    values: &[Stored],
) -> rusqlite::Result<bool> {
    let equal: Vec<_> = columns.iter().map(|column| format!("{} = ?", quoted(column))).collect();
    let sql =
        format!("SELECT EXISTS (SELECT 1 FROM {} WHERE {})", quoted(table), equal.join(" AND "));
    connection.query_row(&sql, params_from_iter(values), |row| row.get(0))
}

/// The finding within a savepoint, in which checks are deferred, and which is rolled back.
fn rolled_back<T>(
    connection: &Connection,
    find_out: impl FnOnce() -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let deferred: bool =
        connection.pragma_query_value(None, "defer_foreign_keys", |row| row.get(0))?;
    connection.execute_batch("SAVEPOINT relations_violated; PRAGMA defer_foreign_keys = ON")?;
    let found = find_out();
    connection.execute_batch("ROLLBACK TO relations_violated; RELEASE relations_violated")?;
    connection.pragma_update(None, "defer_foreign_keys", deferred)?;
    found
}

/// The rows that point to nothing by a key.
fn orphans_of(key: &ViolatedKey) -> String {
    let present: Vec<_> =
        key.from.iter().map(|column| format!("source.{} IS NOT NULL", quoted(column))).collect();
    format!(
        "FROM {table} AS source WHERE {present} AND NOT EXISTS \
         (SELECT 1 FROM {target} AS target WHERE {same})",
        table = quoted(&key.source),
        present = present.join(" AND "),
        target = quoted(&key.target),
        same = same(key),
    )
}

/// The number of rows without a target, by each key.
fn orphans(connection: &Connection, keys: &[ViolatedKey]) -> rusqlite::Result<Vec<i64>> {
    let count = |key: &ViolatedKey| {
        let orphans = format!("SELECT COUNT(*) {}", orphans_of(key));
        // A table that is not there holds no rows.
        Ok(connection.query_row(&orphans, [], |row| row.get(0)).unwrap_or_default())
    };
    keys.iter().map(count).collect()
}

/// The first key by which more rows point to nothing than before, and how many more.
fn more<'a>(
    keys: &'a [ViolatedKey],
    before: &[i64],
    after: &[i64],
) -> Option<(&'a ViolatedKey, u64)> {
    let counted = keys.iter().zip(before.iter().zip(after));
    let mut more = counted.map(|(key, (before, after))| (key, after.saturating_sub(*before)));
    more.find_map(|(key, more)| Some((key, u64::try_from(more).ok().filter(|more| *more > 0)?)))
}

/// Some of the keys by which rows point to nothing.
pub(super) fn orphaned(
    connection: &Connection,
    key: &ViolatedKey,
) -> rusqlite::Result<Vec<Vec<Stored>>> {
    let columns: Vec<_> =
        key.from.iter().map(|column| format!("source.{}", quoted(column))).collect();
    let sql = format!("SELECT DISTINCT {} {} LIMIT 100", columns.join(", "), orphans_of(key));
    let mut orphaned = connection.prepare(&sql)?;
    let values = |row: &rusqlite::Row<'_>| (0..key.from.len()).map(|at| row.get(at)).collect();
    orphaned.query_map([], values)?.collect()
}

/// Whether a row would point to nothing, or one would go that is pointed to: of that the target is
/// there now, as the statement was rolled back.
fn told_apart(
    connection: &Connection,
    statement: &Statement,
    key: &ViolatedKey,
    rows: u64,
    orphaned: Vec<Vec<Stored>>,
) -> rusqlite::Result<Violated> {
    for values in orphaned {
        let is_referenced = is_there(connection, &key.target, &key.to, &values)?;
        // A key without a target had none before, either.
        if is_referenced || !is_there(connection, &key.source, &key.from, &values)? {
            let rows = is_referenced.then_some(rows);
            return Ok(Violated { key: key.clone(), is_referenced, values: Some(values), rows });
        }
    }
    let is_referenced = statement.operation() == Operation::Delete;
    Ok(Violated { key: key.clone(), is_referenced, values: None, rows: None })
}

/// The key that protects a row which the statement would delete or move, or which would go
/// with such a row.
fn protected(
    connection: &Connection,
    entity: &'static EntityDefinition,
    keys: &[ViolatedKey],
    statement: &Statement,
    values: &[Stored],
) -> rusqlite::Result<Option<Violated>> {
    let changes = match statement.operation() {
        Operation::Update => true,
        Operation::Delete => false,
        _ => return Ok(None),
    };
    let sql = statement.sql();
    let (condition, before) = condition(sql);
    let sets = sql.strip_suffix(condition).unwrap_or(sql);
    let condition = counted_from(condition, before);
    let values = with_tenant(statement, values)?;
    let values = values.get(before..).unwrap_or_default();
    let mut rows = vec![(
        entity.table.to_owned(),
        format!("SELECT * FROM {}{condition}", quoted(entity.table)),
    )];
    let mut next = 0;
    while let Some((target, meant)) = rows.get(next).cloned() {
        next += 1;
        for key in keys.iter().filter(|key| is(&key.target, &target)) {
            // A column that is not written stays.
            let is_written = |column: &String| sets.contains(&format!("{} = ", quoted(column)));
            if changes && next == 1 && !key.to.iter().any(is_written) {
                continue;
            }
            let pointing = format!(
                "FROM {source} AS source JOIN ({meant}) AS target ON {same}",
                source = quoted(&key.source),
                same = same(key),
            );
            let action = if changes { &key.on_update } else { &key.on_delete };
            match action.as_str() {
                "RESTRICT" => {
                    let count = format!("SELECT COUNT(*) {pointing}");
                    let count: i64 =
                        connection.query_row(&count, params_from_iter(values), |row| row.get(0))?;
                    if count == 0 {
                        continue;
                    }
                    let columns: Vec<_> =
                        key.to.iter().map(|column| format!("target.{}", quoted(column))).collect();
                    let first = format!("SELECT {} {pointing} LIMIT 1", columns.join(", "));
                    let first = connection.query_row(&first, params_from_iter(values), |row| {
                        (0..key.to.len()).map(|at| row.get(at)).collect()
                    })?;
                    return Ok(Some(Violated {
                        key: key.clone(),
                        is_referenced: true,
                        values: Some(first),
                        rows: u64::try_from(count).ok(),
                    }));
                }
                "CASCADE" if !rows.iter().any(|(seen, _)| is(seen, &key.source)) => {
                    rows.push((key.source.clone(), format!("SELECT source.* {pointing}")));
                }
                _ => {}
            }
        }
    }
    Ok(None)
}

/// The `WHERE` of a statement, and how many placeholders come before it.
fn condition(sql: &str) -> (&str, usize) {
    let (mut quoted, mut depth, mut placeholders) = (None, 0_usize, 0);
    let mut start = None;
    for (at, character) in sql.char_indices() {
        let rest = sql.get(at..).unwrap_or_default();
        match character {
            _ if quoted == Some(character) => quoted = None,
            _ if quoted.is_some() => {}
            '"' | '\'' => quoted = Some(character),
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '?' if start.is_none() => placeholders += 1,
            ' ' if depth == 0 && rest.starts_with(" WHERE ") => start = Some(at),
            ' ' if depth == 0 && rest.starts_with(" RETURNING ") => {
                let condition = start.and_then(|start| sql.get(start..at));
                return (condition.unwrap_or_default(), placeholders);
            }
            _ => {}
        }
    }
    (start.and_then(|start| sql.get(start..)).unwrap_or_default(), placeholders)
}

/// A condition whose numbered placeholders are counted without those that came before it.
fn counted_from(condition: &str, before: usize) -> String {
    let (mut counted, mut quoted) = (String::with_capacity(condition.len()), None);
    let mut rest = condition.chars().peekable();
    while let Some(character) = rest.next() {
        counted.push(character);
        match character {
            _ if quoted == Some(character) => quoted = None,
            _ if quoted.is_some() => {}
            '"' | '\'' => quoted = Some(character),
            '?' => {
                let mut digits = String::new();
                while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                    digits.push(digit);
                }
                if let Ok(number) = digits.parse::<usize>() {
                    counted.push_str(&number.saturating_sub(before).to_string());
                }
            }
            _ => {}
        }
    }
    counted
}

/// The target comes first, since its collation decides.
fn same(key: &ViolatedKey) -> String {
    let pairs = key.from.iter().zip(&key.to);
    let same = pairs.map(|(from, to)| format!("target.{} = source.{}", quoted(to), quoted(from)));
    same.collect::<Vec<_>>().join(" AND ")
}

fn is(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
