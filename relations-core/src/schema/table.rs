//! Tables: their columns, and the names of what belongs to them.

use sea_query::{Alias, ColumnDef, ColumnType as SqlType, Expr};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::meta::{ColumnType, EntityDefinition, PropertyDefinition, Stamp, UniqueKeyDefinition};
use crate::query::lower;

/// The longest name that PostgreSQL keeps whole, in bytes.
const LONGEST_NAME: usize = 63;

/// The name that PostgreSQL would give: table, columns and what it is.
pub(super) fn constraint_name(
    entity: &EntityDefinition,
    properties: &[&str],
    kind: &str,
) -> String {
    let columns = properties.iter().filter_map(|name| entity.property(name)).map(|one| one.column);
    let words: Vec<_> = [entity.table].into_iter().chain(columns).chain([kind]).collect();
    shortened(&words.join("_"))
}

/// A name cut to what PostgreSQL keeps; what is cut off is told apart by a sum of the whole.
fn shortened(name: &str) -> String {
    if name.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    // FNV-1a: the same on every machine and in every version, as a name must be.
    let sum = name
        .bytes()
        .fold(0x811c_9dc5_u32, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let kept = within(name, LONGEST_NAME - "_01234567".len());
    format!("{kept}_{sum:08x}")
}

/// A name as PostgreSQL keeps it, which cuts off what is too long.
pub(super) fn cut(name: &str) -> &str {
    within(name, LONGEST_NAME)
}

/// As much of a text as there is room for, in bytes.
fn within(text: &str, room: usize) -> &str {
    let ends = text.char_indices().map(|(at, character)| at + character.len_utf8());
    let end = ends.take_while(|end| *end <= room).last().unwrap_or_default();
    text.get(..end).unwrap_or_default()
}

/// The name of the constraint over columns that SQLite names as `table.column, table.column`.
#[cfg(feature = "sqlite")]
pub(crate) fn unique_constraint(entity: &EntityDefinition, columns: &str) -> Option<String> {
    let named = |property: &PropertyDefinition| format!("{}.{}", entity.table, property.column);
    if columns == entity.id().map(named).collect::<Vec<_>>().join(", ") {
        return Some(constraint_name(entity, &[], "pkey"));
    }
    let mut unique = entity.properties.iter().filter(|property| property.unique);
    if let Some(property) = unique.find(|property| columns == named(property)) {
        return Some(constraint_name(entity, &[property.name], "key"));
    }
    let has_columns = |key: &&&UniqueKeyDefinition| {
        let properties = key.properties.iter().filter_map(|name| entity.property(name));
        columns == properties.map(named).collect::<Vec<_>>().join(", ")
    };
    entity.unique_keys.iter().find(has_columns).map(|key| key_name(entity, key))
}

/// The name of a unique key.
pub(crate) fn key_name(entity: &EntityDefinition, key: &UniqueKeyDefinition) -> String {
    match key.name {
        Some(name) => name.to_owned(),
        None => constraint_name(entity, key.properties, "key"),
    }
}

/// The properties whose key a constraint holds unique, by the name that this crate gives it.
pub(crate) fn key_of_constraint(
    entity: &EntityDefinition,
    constraint: &str,
) -> Option<Vec<&'static str>> {
    if constraint == constraint_name(entity, &[], "pkey") {
        return Some(entity.id().map(|property| property.name).collect());
    }
    let mut unique = entity.properties.iter().filter(|property| property.unique);
    let property = unique.find(|one| constraint == constraint_name(entity, &[one.name], "key"));
    let key =
        || entity.unique_keys.iter().find(|key| cut(&key_name(entity, key)) == cut(constraint));
    property.map(|one| vec![one.name]).or_else(|| Some(key()?.properties.to_vec()))
}

/// The definition of a property's column on an engine.
pub(super) fn column(
    engine: Engine,
    entity: &'static EntityDefinition,
    property: &PropertyDefinition,
) -> Result<ColumnDef> {
    let spelled = match engine {
        Engine::Postgres => match property.sql_type {
            Some(sql_type) => sql_type.to_owned(),
            None => postgres_type(property.column_type),
        },
        Engine::Sqlite => sqlite_type(property.column_type)
            .ok_or_else(|| {
                Error::refused(format!(
                    "SQLite has no arrays, which `{}.{}` is; keep it as `Json<…>`, or use PostgreSQL",
                    entity.name, property.name,
                ))
                .entity_is(entity)
            })?
            .to_owned(),
    };
    if engine == Engine::Sqlite && property.generated && entity.id().nth(1).is_some() {
        return Err(Error::refused(format!(
            "SQLite counts up an id of one property only, and `{}.{}` is a part of one; leave out \
             `generated`, or use PostgreSQL",
            entity.name, property.name,
        ))
        .entity_is(entity));
    }
    let spelled = match (engine, property.generated) {
        (Engine::Postgres, true) => spelled + " GENERATED BY DEFAULT AS IDENTITY",
        _ => spelled,
    };
    let mut column = ColumnDef::new_with_type(
        Alias::new(property.column),
        SqlType::Custom(Alias::new(spelled).into()),
    );
    if property.nullable {
        column.null();
    } else {
        column.not_null();
    }
    if let Some(default) = default_of(engine, property) {
        column.default(Expr::cust(default));
    }
    Ok(column)
}

/// What stands in a column where nothing is given.
fn default_of(engine: Engine, property: &PropertyDefinition) -> Option<&'static str> {
    match property.stamp {
        Some(Stamp::Version) => Some("1"),
        Some(Stamp::CreatedAt | Stamp::UpdatedAt) => Some(lower::now(engine, property.column_type)),
        None => Some(default_on(engine, property.column_type, property.default?)),
    }
}

/// A default on an engine. The current time is not stored as SQLite spells it.
pub(crate) fn default_on(
    engine: Engine,
    column_type: ColumnType,
    default: &'static str,
) -> &'static str {
    let now = ["now()", "current_timestamp", "current_time"];
    let is_now = now.iter().any(|now| default.eq_ignore_ascii_case(now));
    match column_type {
        ColumnType::Time | ColumnType::Timestamp | ColumnType::TimestampTz
            if is_now && engine == Engine::Sqlite =>
        {
            lower::now(engine, column_type)
        }
        _ => default,
    }
}

pub(crate) fn postgres_type(column_type: ColumnType) -> String {
    let name = match column_type {
        ColumnType::Boolean => "boolean",
        ColumnType::SmallInt => "smallint",
        ColumnType::Integer => "integer",
        ColumnType::BigInt => "bigint",
        ColumnType::Real => "real",
        ColumnType::Double => "double precision",
        ColumnType::Text => "text",
        ColumnType::Bytes => "bytea",
        ColumnType::Date => "date",
        ColumnType::Time => "time",
        ColumnType::Timestamp => "timestamp",
        ColumnType::TimestampTz => "timestamptz",
        ColumnType::Uuid => "uuid",
        ColumnType::Decimal => "numeric",
        ColumnType::Json => "jsonb",
        ColumnType::Array(element) => return postgres_type(*element) + "[]",
    };
    name.to_owned()
}

/// The storage class of a type in a STRICT table; `None` where SQLite cannot store it.
fn sqlite_type(column_type: ColumnType) -> Option<&'static str> {
    Some(match column_type {
        ColumnType::Boolean | ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => {
            "INTEGER"
        }
        ColumnType::Real | ColumnType::Double => "REAL",
        ColumnType::Bytes => "BLOB",
        ColumnType::Decimal => "TEXT COLLATE decimal",
        ColumnType::Text
        | ColumnType::Date
        | ColumnType::Time
        | ColumnType::Timestamp
        | ColumnType::TimestampTz
        | ColumnType::Uuid
        | ColumnType::Json => "TEXT",
        ColumnType::Array(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_and_told_apart() {
        let one = shortened(&format!("{}_a_fkey", "é".repeat(40)));
        let other = shortened(&format!("{}_b_fkey", "é".repeat(40)));
        assert!(one.len() <= LONGEST_NAME && other.len() <= LONGEST_NAME);
        assert_ne!(one, other);
    }
}
