//! Finds the foreign key that SQLite refused a statement for, which it does not tell.

use rusqlite::types::Value as Stored;
use rusqlite::{Connection, params_from_iter};

use super::super::{Operation, Statement};
use super::{Answer, Within, execute};
use crate::meta::{Action, EntityDefinition, RelationDefinition};
use crate::schema::{self, Held};

/// The table and the name of the constraint that a statement would break.
///
/// What the statement writes may tell at once. Where it does not, the statement runs once
/// more with checks put off, to see which key then points to nothing, and is taken back. A key
/// that refuses at once does so even then; the rows that it protects are looked for.
pub(super) fn foreign_key(
    connection: &Connection,
    statement: &Statement,
    values: &[Stored],
) -> rusqlite::Result<Option<(&'static str, String)>> {
    let Some(entity) = statement.entity() else {
        return Ok(None);
    };
    let keys = schema::foreign_keys(entity);
    let mut found = unmet(connection, entity, statement, values)?;
    if found.is_none() {
        let before = orphans(connection, &keys)?;
        let after = taken_back(connection, || {
            execute(&mut Answer::default(), connection, statement, values, Within::Nothing)?;
            orphans(connection, &keys)
        });
        found = match after {
            Ok(after) => more(&keys, &before, &after),
            // Which rows SQL of the user's own means is not known.
            Err(_) if statement.operation() == Operation::Raw => None,
            Err(_) => protected(connection, entity, &keys, statement, values)?,
        };
    }
    Ok(found.and_then(named))
}

/// The same of rows that are inserted at once, each of which may be the target of another.
pub(super) fn foreign_key_of_rows(
    connection: &Connection,
    statement: &Statement,
    rows: &[Vec<Stored>],
) -> rusqlite::Result<Option<(&'static str, String)>> {
    let Some(entity) = statement.entity() else {
        return Ok(None);
    };
    let keys = schema::foreign_keys(entity);
    let before = orphans(connection, &keys)?;
    let found = taken_back(connection, || {
        for row in rows {
            execute(&mut Answer::default(), connection, statement, row, Within::Nothing)?;
        }
        for row in rows {
            if let Some(found) = unmet(connection, entity, statement, row)? {
                return Ok(Some(found));
            }
        }
        Ok(more(&keys, &before, &orphans(connection, &keys)?))
    });
    Ok(found?.and_then(named))
}

/// The table and the name of a constraint.
fn named((source, relation): Held) -> Option<(&'static str, String)> {
    Some((source.table, schema::foreign_key_name(source, relation)?))
}

/// The key that a statement writes and that has no target.
fn unmet(
    connection: &Connection,
    entity: &'static EntityDefinition,
    statement: &Statement,
    values: &[Stored],
) -> rusqlite::Result<Option<Held>> {
    let written = |name: &&str| {
        let at = statement.assigned.iter().position(|property| property.name == *name)?;
        values.get(at).filter(|value| **value != Stored::Null).cloned()
    };
    let written = |names: &[&str]| names.iter().map(written).collect::<Option<Vec<_>>>();
    for relation in entity.relations.iter().filter(|relation| relation.foreign_key.is_some()) {
        let Some(key) = written(relation.key_from) else {
            continue;
        };
        let target = relation.target.definition();
        // A row may be its own target.
        if target.is(entity) && written(relation.key_to).as_ref() == Some(&key) {
            continue;
        }
        let is_key: Vec<_> =
            columns(target, relation.key_to).map(|column| format!("target.{column} = ?")).collect();
        let missing = format!(
            "SELECT NOT EXISTS (SELECT 1 FROM {target} AS target WHERE {is_key})",
            target = quoted(target.table),
            is_key = is_key.join(" AND "),
        );
        if connection.query_row(&missing, params_from_iter(key), |row| row.get(0))? {
            return Ok(Some((entity, relation)));
        }
    }
    Ok(None)
}

/// What is found out within a savepoint, in which checks are put off, and which is taken back.
fn taken_back<T>(
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

/// How many rows point to nothing by each key.
fn orphans(connection: &Connection, keys: &[Held]) -> rusqlite::Result<Vec<i64>> {
    let count = |(source, relation): &Held| {
        let present: Vec<_> = columns(source, relation.key_from)
            .map(|column| format!("source.{column} IS NOT NULL"))
            .collect();
        let orphans = format!(
            "SELECT COUNT(*) FROM {table} AS source WHERE {present} AND NOT EXISTS \
             (SELECT 1 FROM {target} AS target WHERE {same})",
            table = quoted(source.table),
            present = present.join(" AND "),
            target = quoted(relation.target.definition().table),
            same = same(source, relation),
        );
        // A table that is not there holds no rows.
        Ok(connection.query_row(&orphans, [], |row| row.get(0)).unwrap_or_default())
    };
    keys.iter().map(count).collect()
}

/// The first key by which more rows point to nothing than before.
fn more(keys: &[Held], before: &[i64], after: &[i64]) -> Option<Held> {
    let mut counted = keys.iter().zip(before.iter().zip(after));
    counted.find(|(_, (before, after))| after > before).map(|(key, _)| *key)
}

/// The key that protects a row which the statement would delete or move, or which would go
/// with such a row.
fn protected(
    connection: &Connection,
    entity: &'static EntityDefinition,
    keys: &[Held],
    statement: &Statement,
    values: &[Stored],
) -> rusqlite::Result<Option<Held>> {
    let (condition, before) = condition(statement.sql());
    let values = values.get(before..).unwrap_or_default();
    let mut rows = vec![(entity, format!("SELECT * FROM {}{condition}", quoted(entity.table)))];
    let mut next = 0;
    while let Some((target, meant)) = rows.get(next).cloned() {
        next += 1;
        for (source, relation) in keys {
            let action = relation.foreign_key.map(|key| match statement.operation() {
                Operation::Update => key.on_update,
                _ => key.on_delete,
            });
            if !relation.target.definition().is(target) {
                continue;
            }
            let pointing = format!(
                "SELECT source.* FROM {source} AS source JOIN ({meant}) AS target ON {same}",
                source = quoted(source.table),
                same = same(source, relation),
            );
            let there = format!("SELECT EXISTS ({pointing})");
            match action {
                Some(Action::Restrict)
                    if connection
                        .query_row(&there, params_from_iter(values), |row| row.get(0))? =>
                {
                    return Ok(Some((*source, *relation)));
                }
                Some(Action::Cascade) if !rows.iter().any(|(seen, _)| seen.is(source)) => {
                    rows.push((*source, pointing));
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

/// The target comes first, since its collation decides.
fn same(source: &'static EntityDefinition, relation: &RelationDefinition) -> String {
    let from = columns(source, relation.key_from);
    let to = columns(relation.target.definition(), relation.key_to);
    from.zip(to)
        .map(|(from, to)| format!("target.{to} = source.{from}"))
        .collect::<Vec<_>>()
        .join(" AND ")
}

fn columns(
    entity: &'static EntityDefinition,
    names: &'static [&'static str],
) -> impl Iterator<Item = String> {
    names.iter().filter_map(|name| entity.property(name)).map(|one| quoted(one.column))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
