//! Which types of columns a property reads and is written to.

use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::dialect::{Engine, postgres_type};
use crate::schema::shape::ColumnShape;

/// Whether a property's type reads the column, and the column takes its values.
pub(super) fn fits(engine: Engine, property: &PropertyDefinition, found: &ColumnShape) -> bool {
    match engine {
        // A text whose type is written is cast to it and from it.
        Engine::Postgres => {
            let is_text = is_text(property.column_type);
            (is_text && property.sql_type.is_some())
                || on_postgres(property.column_type, &found.base_type)
        }
        Engine::Sqlite => on_sqlite(property.column_type, &found.base_type),
    }
}

fn is_text(column_type: ColumnType) -> bool {
    matches!(column_type, ColumnType::Text | ColumnType::Array(ColumnType::Text))
}

fn on_postgres(column_type: ColumnType, base: &str) -> bool {
    let known: &[&str] = match column_type {
        ColumnType::Boolean => &["boolean"],
        ColumnType::SmallInt => &["smallint"],
        ColumnType::Integer => &["integer", "smallint"],
        ColumnType::BigInt => &["bigint", "integer", "smallint", "oid"],
        ColumnType::Real => &["real", "smallint"],
        ColumnType::Double => &["double precision", "real", "integer", "smallint"],
        ColumnType::Text => &["text", "character varying", "character", "name", "citext"],
        ColumnType::Bytes => &["bytea"],
        ColumnType::Date => &["date"],
        ColumnType::Time => &["time without time zone"],
        ColumnType::Timestamp => &["timestamp without time zone"],
        ColumnType::TimestampTz => &["timestamp with time zone"],
        ColumnType::Uuid => &["uuid"],
        ColumnType::Decimal => &["numeric", "bigint", "integer", "smallint"],
        ColumnType::Json => &["jsonb", "json"],
        ColumnType::Interval => &["interval"],
        ColumnType::Range(_) => return base == postgres_type(column_type),
        ColumnType::Array(element) => {
            return base.strip_suffix("[]").is_some_and(|base| on_postgres(*element, base));
        }
    };
    // A type of another schema is told with it.
    known.contains(&base) || (column_type == ColumnType::Text && base.ends_with(".citext"))
}

/// Whether SQLite keeps such values as they are in a column of that type.
fn on_sqlite(column_type: ColumnType, base: &str) -> bool {
    let affinity = affinity(base);
    match column_type {
        ColumnType::Boolean | ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => {
            matches!(affinity, "INTEGER" | "NUMERIC" | "REAL" | "ANY")
        }
        ColumnType::Real | ColumnType::Double => matches!(affinity, "REAL" | "NUMERIC" | "ANY"),
        ColumnType::Bytes => matches!(affinity, "BLOB" | "ANY"),
        ColumnType::Array(_) | ColumnType::Range(_) | ColumnType::Interval => false,
        _ => matches!(affinity, "TEXT" | "NUMERIC" | "ANY"),
    }
}

/// The affinity of a column, by the words of its type.
pub(super) fn affinity(base: &str) -> &'static str {
    let base = base.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| base.contains(word));
    if base == "ANY" {
        "ANY"
    } else if has(&["INT"]) {
        "INTEGER"
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        "TEXT"
    } else if base.is_empty() || has(&["BLOB"]) {
        "BLOB"
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        "REAL"
    } else {
        "NUMERIC"
    }
}

/// Whether both are one type, as far as the engine tells types apart.
pub(in crate::schema) fn is_same(
    engine: Engine,
    declared: &ColumnShape,
    found: &ColumnShape,
) -> bool {
    match engine {
        Engine::Postgres => declared.sql_type == found.sql_type,
        Engine::Sqlite => {
            let declared = declared.sql_type.split(' ').next().unwrap_or_default();
            affinity(declared) == affinity(&found.base_type)
                || matches!(affinity(&found.base_type), "NUMERIC" | "ANY")
        }
    }
}
