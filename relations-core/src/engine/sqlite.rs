//! SQLite, on `rusqlite`, each statement on a thread of its own where it may block.

use std::fmt::Write;

use deadpool_sqlite::{Connection as Pooled, InteractError};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value as Stored;
use rusqlite::{Connection, ErrorCode, OptionalExtension, ffi};
use sea_query::Value as SqlValue;

use super::{Answer as AnyAnswer, Engine, Executor, Operation, Rows, Statement};
use crate::error::{Error, Kind, Result, Violation};
use crate::meta::ColumnType;
use crate::query::lower::{FOLD_CASE, folded};
use crate::schema;
use crate::value::Parameter;

/// The rows of an answer, which SQLite gives all at once.
pub(crate) struct Answer {
    rows: Vec<Vec<Stored>>,
    changed: u64,
}

impl Answer {
    /// The answer to a statement of that operation. SQLite tells how many rows the last statement
    /// changed that changes rows, which others do not.
    fn counted(mut self, operation: Operation) -> Self {
        let changes =
            matches!(operation, Operation::Insert | Operation::Update | Operation::Delete);
        if !changes {
            self.changed = self.rows.len() as u64;
        }
        self
    }

    pub(super) fn for_each(self, mut each: impl FnMut(&[Stored]) -> Result<()>) -> Result<u64> {
        self.rows.iter().try_for_each(|row| each(row))?;
        Ok(self.changed)
    }
}

/// Prepares a new connection: foreign keys are enforced, `LIKE` heeds case as PostgreSQL's does,
/// and what SQLite lacks is added.
pub(super) fn prepare(connection: &Connection, busy: std::time::Duration) -> rusqlite::Result<()> {
    connection.busy_timeout(busy)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "case_sensitive_like", true)?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function(FOLD_CASE, 1, flags, |arguments| {
        Ok(arguments.get::<Option<String>>(0)?.map(|text| folded(&text)))
    })?;
    #[cfg(feature = "rust_decimal")]
    decimal::prepare(connection)?;
    // A file is not looked into before it is asked for something.
    connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()))
}

/// Runs a statement on a connection.
pub(super) async fn run(connection: &Pooled, statement: &Statement) -> Result<Rows> {
    let values: Result<Vec<_>> = statement
        .parameters
        .iter()
        .enumerate()
        .map(|(at, value)| store(value).map_err(|error| about_parameter(statement, at, error)))
        .collect();
    let (values, statement) = (values?, statement.clone());
    let answer = connection.interact(move |connection| {
        execute(connection, statement.sql(), &values)
            .map(|answer| answer.counted(statement.operation()))
            .map_err(|failure| error(connection, &statement, &values, failure))
    });
    Ok(Rows(AnyAnswer::Sqlite(answer.await.map_err(|failure| interrupted(&failure))??)))
}

/// A connection that drops tables, while it does not heed the keys between them. Otherwise SQLite
/// would first empty each table, row by row, and do what keys say of that.
pub(super) struct WithoutKeys {
    pub(super) connection: Pooled,
    /// The tables that are dropped.
    pub(super) tables: Vec<String>,
}

impl Executor for WithoutKeys {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        let (statement, tables) = (statement.clone(), self.tables.clone());
        // Nobody sees the connection in between, whatever becomes of who waits for this.
        let dropped = self.connection.interact(move |connection| {
            let heed = |connection: &Connection, keys: bool| {
                let heeded = connection.pragma_update(None, "foreign_keys", keys);
                heeded.map_err(|failure| error(connection, &statement, &[], failure))
            };
            heed(connection, false)?;
            let dropped = drop_tables(connection, &tables, &statement);
            heed(connection, true).and(dropped)
        });
        dropped.await.map_err(|failure| interrupted(&failure))??;
        Ok(Rows(AnyAnswer::Sqlite(Answer { rows: Vec::new(), changed: 0 })))
    }
}

/// Drops tables, all of them or none, unless another one references them.
fn drop_tables(connection: &mut Connection, tables: &[String], drops: &Statement) -> Result<()> {
    const OTHERS: &str = "SELECT other.name FROM sqlite_schema AS other, \
                          pragma_foreign_key_list(other.name) AS key \
                          WHERE other.type = 'table' AND key.\"table\" IN (SELECT value FROM json_each(?1)) \
                          AND other.name NOT IN (SELECT value FROM json_each(?1))";
    let names = tables.iter().map(|table| Parameter::text(table)).collect();
    let names = json_array(&[Parameter::array(ColumnType::Text, names)])?;
    let mut dropped = || {
        let transaction = connection.transaction()?;
        let other = transaction.query_row(OTHERS, [&names], |row| row.get::<_, String>(0));
        if let Some(other) = other.optional()? {
            return Ok(Some(other));
        }
        transaction.execute_batch(drops.sql())?;
        transaction.commit()?;
        Ok(None)
    };
    match dropped() {
        Ok(None) => Ok(()),
        Ok(Some(other)) => Err(Error::refused(format!(
            "table `{other}` references one that would be dropped; drop it as well",
        ))),
        Err(failure) => Err(error(connection, drops, &[], failure)),
    }
}

fn execute(connection: &Connection, sql: &str, values: &[Stored]) -> rusqlite::Result<Answer> {
    let mut prepared = connection.prepare_cached(sql)?;
    let columns = prepared.column_count();
    let mut answer = Answer { rows: Vec::new(), changed: 0 };
    let mut rows = prepared.query(rusqlite::params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        let cells: rusqlite::Result<_> = (0..columns).map(|at| row.get(at)).collect();
        answer.rows.push(cells?);
    }
    drop(rows);
    answer.changed = if columns == 0 { connection.changes() } else { answer.rows.len() as u64 };
    Ok(answer)
}

/// A value as SQLite stores it, or why it cannot be.
fn store(value: &SqlValue) -> Result<Stored> {
    Ok(match value {
        SqlValue::Bool(value) => value.map_or(Stored::Null, |value| Stored::Integer(value.into())),
        SqlValue::SmallInt(value) => integer(*value),
        SqlValue::Int(value) => integer(*value),
        SqlValue::BigInt(value) => integer(*value),
        SqlValue::BigUnsigned(value) => {
            let value = value.map(i64::try_from).transpose();
            integer(value.map_err(|_| Error::refused("a number of rows does not fit in 63 bits"))?)
        }
        SqlValue::Float(value) => real(value.map(f64::from))?,
        SqlValue::Double(value) => real(*value)?,
        SqlValue::String(value) => text(value.clone()),
        SqlValue::Bytes(value) => value.clone().map_or(Stored::Null, Stored::Blob),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDate(value) => text(value.map(chrono::date).transpose()?),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoTime(value) => {
            text(value.map(|time| time.format(crate::value::chrono::TIME).to_string()))
        }
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTime(value) => {
            use crate::value::chrono::TIMESTAMP;
            text(value.map(|at| chrono::moment(&at, TIMESTAMP)).transpose()?)
        }
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTimeUtc(value) => {
            use crate::value::chrono::TIMESTAMP_TZ;
            text(value.map(|at| chrono::moment(&at.naive_utc(), TIMESTAMP_TZ)).transpose()?)
        }
        #[cfg(feature = "time")]
        SqlValue::TimeDate(value) => text(
            value.map(|date| time::written(date.year(), date.format(time::DATE))).transpose()?,
        ),
        #[cfg(feature = "time")]
        SqlValue::TimeTime(value) => {
            text(value.map(|of_day| time::written(0, of_day.format(time::TIME))).transpose()?)
        }
        #[cfg(feature = "time")]
        SqlValue::TimeDateTime(value) => {
            text(value.map(|at| time::written(at.year(), at.format(time::TIMESTAMP))).transpose()?)
        }
        #[cfg(feature = "time")]
        SqlValue::TimeDateTimeWithTimeZone(value) => {
            let utc = value.map(|at| at.to_offset(::time::UtcOffset::UTC));
            text(
                utc.map(|at| time::written(at.year(), at.format(time::TIMESTAMP_TZ)))
                    .transpose()?,
            )
        }
        #[cfg(feature = "uuid")]
        SqlValue::Uuid(value) => text(value.map(|uuid| uuid.to_string())),
        #[cfg(feature = "rust_decimal")]
        SqlValue::Decimal(value) => text(value.map(|decimal| decimal.to_string())),
        #[cfg(feature = "json")]
        SqlValue::Json(value) => text(value.as_ref().map(ToString::to_string)),
        SqlValue::Array(..) => return Err(Error::refused("SQLite has no arrays")),
        _ => return Err(Error::refused("a raw condition holds a value that SQLite cannot store")),
    })
}

/// The error of a value with the property that it is for.
fn about_parameter(statement: &Statement, at: usize, error: Error) -> Error {
    match (statement.entity(), statement.assigned.get(at)) {
        (Some(entity), Some(property)) => {
            Error::refused(format!("`{}.{}`: {error}", entity.name, property.name))
        }
        _ => error,
    }
}

fn integer(value: Option<impl Into<i64>>) -> Stored {
    value.map_or(Stored::Null, |value| Stored::Integer(value.into()))
}

fn text(value: Option<String>) -> Stored {
    value.map_or(Stored::Null, Stored::Text)
}

/// SQLite would take a float that is no number for a null.
fn real(value: Option<f64>) -> Result<Stored> {
    match value {
        Some(value) if value.is_nan() => Err(Error::refused("SQLite cannot store NaN")),
        Some(value) => Ok(Stored::Real(value)),
        None => Ok(Stored::Null),
    }
}

/// Dates are text that sorts as they do, which takes four digits of a year.
#[cfg(any(feature = "chrono", feature = "time"))]
fn year_fits(year: i32) -> Result<()> {
    if (0..=9999).contains(&year) {
        Ok(())
    } else {
        Err(Error::refused(format!("SQLite stores years from 0 to 9999 and not {year}")))
    }
}

#[cfg(feature = "chrono")]
mod chrono {
    use ::chrono::{Datelike, NaiveDate, NaiveDateTime};

    use crate::error::Result;
    use crate::value::chrono::DATE;

    pub(super) fn date(date: NaiveDate) -> Result<String> {
        super::year_fits(date.year())?;
        Ok(date.format(DATE).to_string())
    }

    pub(super) fn moment(at: &NaiveDateTime, format: &str) -> Result<String> {
        super::year_fits(at.year())?;
        Ok(at.format(format).to_string())
    }
}

#[cfg(feature = "time")]
mod time {
    use ::time::error::Format;

    use crate::error::{Error, Result};
    pub(super) use crate::value::time::{DATE, TIME, TIMESTAMP, TIMESTAMP_TZ};

    pub(super) fn written(year: i32, text: Result<String, Format>) -> Result<String> {
        super::year_fits(year)?;
        text.map_err(|error| Error::refused(error.to_string()))
    }
}

/// Decimals are text under a numeric collation. The collation and the functions have the names
/// that SQLite's own shell gives to its decimal extension.
#[cfg(feature = "rust_decimal")]
mod decimal {
    use rusqlite::Connection;
    use rusqlite::functions::{Aggregate, Context, FunctionFlags};
    use rust_decimal::Decimal;

    pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
        connection.create_collation("decimal", |left, right| {
            match (left.parse::<Decimal>(), right.parse::<Decimal>()) {
                (Ok(left), Ok(right)) => left.cmp(&right),
                _ => left.cmp(right),
            }
        })?;
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_aggregate_function("decimal_sum", 1, flags, Fold { average: false })?;
        connection.create_aggregate_function("decimal_avg", 1, flags, Fold { average: true })
    }

    /// The sum or the average of decimals.
    struct Fold {
        average: bool,
    }

    impl Aggregate<(Decimal, u32), Option<String>> for Fold {
        fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<(Decimal, u32)> {
            Ok((Decimal::ZERO, 0))
        }

        fn step(
            &self,
            context: &mut Context<'_>,
            (sum, count): &mut (Decimal, u32),
        ) -> rusqlite::Result<()> {
            let Some(text) = context.get::<Option<String>>(0)? else {
                return Ok(());
            };
            let next = text.parse().map_err(|error| failure(Box::new(error)))?;
            *sum = sum.checked_add(next).ok_or_else(|| failure("the sum does not fit".into()))?;
            *count += 1;
            Ok(())
        }

        fn finalize(
            &self,
            _: &mut Context<'_>,
            folded: Option<(Decimal, u32)>,
        ) -> rusqlite::Result<Option<String>> {
            Ok(folded.filter(|(_, count)| *count > 0).map(|(sum, count)| {
                let result = if self.average { sum / Decimal::from(count) } else { sum };
                result.to_string()
            }))
        }
    }

    fn failure(why: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
        rusqlite::Error::UserFunctionError(why)
    }
}

/// Several values as a JSON array; several arrays as one of their tuples.
pub(super) fn json_array(arrays: &[Parameter]) -> Result<String> {
    let mut columns = Vec::with_capacity(arrays.len());
    for array in arrays {
        match array.clone().into_sql().map_err(Error::refused)? {
            SqlValue::Array(_, Some(values)) => columns.push(values.into_iter()),
            _ => return Err(Error::refused("only an array can be sent as one")),
        }
    }
    let mut json = String::from("[");
    loop {
        let row: Vec<_> = columns.iter_mut().filter_map(Iterator::next).collect();
        if row.is_empty() {
            break;
        }
        if json.len() > 1 {
            json.push(',');
        }
        match row.as_slice() {
            [only] if arrays.len() == 1 => push_json(&mut json, &store(only)?)?,
            parts => {
                json.push('[');
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        json.push(',');
                    }
                    push_json(&mut json, &store(part)?)?;
                }
                json.push(']');
            }
        }
    }
    json.push(']');
    Ok(json)
}

fn push_json(json: &mut String, value: &Stored) -> Result<()> {
    match value {
        Stored::Null => json.push_str("null"),
        Stored::Integer(integer) => push(json, format_args!("{integer}")),
        Stored::Real(real) if real.is_finite() => push(json, format_args!("{real:?}")),
        Stored::Text(text) => push_json_text(json, text),
        Stored::Real(_) | Stored::Blob(_) => {
            return Err(Error::refused(
                "SQLite cannot be asked for a list of bytes or of infinite floats; ask for each \
                 with `.eq(…)` and `.or(…)`",
            ));
        }
    }
    Ok(())
}

fn push_json_text(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                json.push('\\');
                json.push(character);
            }
            control if control < ' ' => push(json, format_args!("\\u{:04x}", control as u32)),
            other => json.push(other),
        }
    }
    json.push('"');
}

/// Writing to a `String` cannot fail.
fn push(json: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = json.write_fmt(text);
}

/// What SQLite says, as this crate's error; the constraint it does not name is looked up.
fn error(
    connection: &Connection,
    statement: &Statement,
    values: &[Stored],
    failure: rusqlite::Error,
) -> Error {
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
            let found = violated::foreign_key(connection, statement, values).ok().flatten();
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
            ErrorCode::CannotOpen | ErrorCode::NotADatabase | ErrorCode::SystemIoFailure => {
                Kind::Connection(message)
            }
            _ => Kind::Database { code: Some(code.extended_code.to_string()), message },
        },
    };
    Error::new(kind).because(failure)
}

/// The thread that runs a statement panicked or was cut short.
fn interrupted(failure: &InteractError) -> Error {
    Error::new(Kind::Connection(failure.to_string()))
}

pub(super) fn pool_error(failure: deadpool_sqlite::PoolError) -> Error {
    match failure {
        deadpool_sqlite::PoolError::Timeout(_) => Error::new(Kind::PoolTimeout),
        other => {
            let kind = Kind::Connection(format!("cannot open the database: {other}"));
            Error::new(kind).because(other)
        }
    }
}

/// Finds the foreign key that SQLite refused a statement for, which it does not tell.
mod violated {
    use rusqlite::types::Value as Stored;
    use rusqlite::{Connection, params_from_iter};

    use super::{Operation, Statement};
    use crate::meta::{Action, EntityDefinition, RelationDefinition};
    use crate::schema;

    /// A foreign key: the entity that holds it and the relation it is of.
    type Held = (&'static EntityDefinition, &'static RelationDefinition);

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
                super::execute(connection, statement.sql(), values)?;
                orphans(connection, &keys)
            });
            found = match after {
                Ok(after) => more(&keys, &before, &after),
                Err(_) => protected(connection, entity, &keys, statement, values)?,
            };
        }
        let named = found.and_then(|(source, relation)| {
            Some((source.table, schema::foreign_key_name(source, relation)?))
        });
        Ok(named)
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
            let is_key: Vec<_> = columns(target, relation.key_to)
                .map(|column| format!("target.{column} = ?"))
                .collect();
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

    /// A statement from its `WHERE` on, and how many placeholders come before it.
    fn condition(sql: &str) -> (&str, usize) {
        let (mut quoted, mut placeholders) = (false, 0);
        for (at, character) in sql.char_indices() {
            let rest = sql.get(at..).unwrap_or_default();
            match character {
                '"' => quoted = !quoted,
                '?' if !quoted => placeholders += 1,
                ' ' if !quoted && rest.starts_with(" WHERE ") => return (rest, placeholders),
                _ => {}
            }
        }
        ("", placeholders)
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
}
