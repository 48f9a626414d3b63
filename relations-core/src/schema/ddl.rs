//! The statements that define and drop tables.

use sea_query::{
    Alias, ConditionalStatement, Expr, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement,
    Index, IndexCreateStatement, PostgresQueryBuilder, SqliteQueryBuilder, Table,
    TableCreateStatement, TableDropStatement,
};

use super::foreign_key::foreign_key_name;
use super::table::{column, constraint_name, key_name};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::meta::{
    Action, EntityDefinition, PropertyDefinition, RelationDefinition, RelationKind,
    UniqueKeyDefinition,
};
use crate::query::lower;

/// The statements that create tables, keys and indexes, of what is missing or of everything.
///
/// PostgreSQL is given the foreign keys after all tables, so that entities may name each other;
/// SQLite has them inside the tables, since it cannot add one later and does not look at them yet.
pub(super) fn create(
    engine: Engine,
    entities: &[&'static EntityDefinition],
    missing: bool,
) -> Result<Vec<String>> {
    let mut statements = Vec::new();
    statements.extend(schemas(engine, entities)?);
    for entity in entities {
        let table = table(engine, entity, missing)?;
        statements.push(match engine {
            Engine::Postgres => table.to_string(PostgresQueryBuilder),
            Engine::Sqlite => table.to_string(SqliteQueryBuilder) + " STRICT",
        });
    }
    if engine == Engine::Postgres {
        for entity in entities {
            statements.extend(entity.relations.iter().filter_map(|relation| {
                let key = foreign_key(entity, relation)?.to_string(PostgresQueryBuilder);
                Some(if missing { unless_there(entity, relation, &key) } else { key })
            }));
        }
    }
    for entity in entities {
        statements.extend(indexes(entity).map(|mut index| {
            if missing {
                index.if_not_exists();
            }
            match engine {
                Engine::Postgres => index.to_string(PostgresQueryBuilder),
                Engine::Sqlite => index.to_string(SqliteQueryBuilder),
            }
        }));
    }
    Ok(statements)
}

/// The statements that drop tables.
pub(super) fn drop(engine: Engine, entities: &[&'static EntityDefinition]) -> Vec<String> {
    let mut tables = TableDropStatement::new();
    tables.if_exists();
    match engine {
        // One statement, in which tables may reference each other.
        Engine::Postgres if !entities.is_empty() => {
            for entity in entities {
                tables.table(lower::table(entity));
            }
            vec![tables.to_string(PostgresQueryBuilder)]
        }
        Engine::Postgres => Vec::new(),
        // References are looked at when all tables are gone.
        Engine::Sqlite => {
            let each = entities.iter().rev().map(|entity| {
                tables.clone().table(lower::table(entity)).to_string(SqliteQueryBuilder)
            });
            ["PRAGMA defer_foreign_keys = ON".to_owned()].into_iter().chain(each).collect()
        }
    }
}

/// The schemas that the tables are in, which only PostgreSQL has.
fn schemas(engine: Engine, entities: &[&'static EntityDefinition]) -> Result<Vec<String>> {
    let mut schemas = Vec::new();
    for entity in entities {
        let Some(schema) = entity.schema else {
            continue;
        };
        if engine == Engine::Sqlite {
            return Err(Error::refused(format!(
                "SQLite has no schemas, and `{}` is in `{schema}`; leave out `schema = \"…\"`",
                entity.name,
            ))
            .entity_is(entity));
        }
        let statement = format!("CREATE SCHEMA IF NOT EXISTS \"{}\"", schema.replace('"', "\"\""));
        if !schemas.contains(&statement) {
            schemas.push(statement);
        }
    }
    Ok(schemas)
}

fn table(
    engine: Engine,
    entity: &'static EntityDefinition,
    missing: bool,
) -> Result<TableCreateStatement> {
    let mut statement = Table::create();
    statement.table(lower::table(entity));
    if missing {
        statement.if_not_exists();
    }
    for property in entity.properties {
        statement.col(column(engine, entity, property)?);
    }
    let mut id = Index::create();
    id.name(escaped(&constraint_name(entity, &[], "pkey")));
    for property in entity.id() {
        id.col(Alias::new(property.column));
    }
    statement.primary_key(&mut id);
    for property in entity.properties.iter().filter(|property| property.unique) {
        let mut unique = Index::create();
        unique.unique().name(escaped(&constraint_name(entity, &[property.name], "key")));
        statement.index(unique.col(Alias::new(property.column)));
    }
    for key in entity.unique_keys.iter().filter(|key| key.filter.is_none()) {
        statement.index(&mut unique_key(entity, key));
    }
    if engine == Engine::Sqlite {
        for relation in entity.relations {
            if let Some(mut key) = foreign_key(entity, relation) {
                statement.foreign_key(&mut key);
            }
        }
    }
    Ok(statement)
}

/// A key of several properties, or of some rows only.
fn unique_key(
    entity: &'static EntityDefinition,
    key: &UniqueKeyDefinition,
) -> IndexCreateStatement {
    let mut unique = Index::create();
    unique.unique().name(escaped(&key_name(entity, key)));
    for property in key.properties.iter().filter_map(|name| entity.property(name)) {
        unique.col(Alias::new(property.column));
    }
    unique
}

/// A name as it stands between quotes, where `sea_query` puts it as it is.
fn escaped(name: &str) -> String {
    name.replace('"', "\"\"")
}

/// The foreign key of a relation; `None` where there is to be none.
fn foreign_key(
    entity: &'static EntityDefinition,
    relation: &RelationDefinition,
) -> Option<ForeignKeyCreateStatement> {
    let definition = relation.foreign_key?;
    let target = relation.target.definition();
    let mut key = ForeignKey::create();
    key.name(escaped(&foreign_key_name(entity, relation)?));
    key.from_tbl(lower::table(entity)).to_tbl(lower::table(target));
    for property in relation.key_from.iter().filter_map(|name| entity.property(name)) {
        key.from_col(Alias::new(property.column));
    }
    for property in relation.key_to.iter().filter_map(|name| target.property(name)) {
        key.to_col(Alias::new(property.column));
    }
    if let Some(action) = action(definition.on_delete) {
        key.on_delete(action);
    }
    if let Some(action) = action(definition.on_update) {
        key.on_update(action);
    }
    Some(key)
}

/// What SQL is told; nothing where no action is the default.
fn action(action: Action) -> Option<ForeignKeyAction> {
    match action {
        Action::NoAction => None,
        Action::Restrict => Some(ForeignKeyAction::Restrict),
        Action::Cascade => Some(ForeignKeyAction::Cascade),
        Action::SetNull => Some(ForeignKeyAction::SetNull),
        Action::SetDefault => Some(ForeignKeyAction::SetDefault),
    }
}

/// A foreign key that is added unless the table has one of that name.
fn unless_there(entity: &EntityDefinition, relation: &RelationDefinition, key: &str) -> String {
    let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let quoted = |name: &str| format!("\"{}\"", escaped(name));
    let table = match entity.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(entity.table)),
        None => quoted(entity.table),
    };
    format!(
        "DO $create$ BEGIN IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = \
         {table}::regclass AND conname = {name}) THEN {key}; END IF; END $create$",
        table = text(&table),
        name = text(&foreign_key_name(entity, relation).unwrap_or_default()),
    )
}

/// The indexes that are asked for, and those on foreign keys that no key begins with.
fn indexes(entity: &'static EntityDefinition) -> impl Iterator<Item = IndexCreateStatement> {
    let on_keys = entity
        .relations
        .iter()
        .filter(|relation| relation.kind == RelationKind::BelongsTo && relation.indexed)
        .map(|relation| relation.key_from.to_vec())
        .filter(|names| !leads_a_key(entity, names));
    let asked = entity
        .properties
        .iter()
        .filter(|property| property.indexed)
        .map(|property: &&PropertyDefinition| vec![property.name]);
    let mut all: Vec<Vec<&'static str>> = Vec::new();
    for names in on_keys.chain(asked) {
        if !all.contains(&names) {
            all.push(names);
        }
    }
    // A constraint holds for all rows; a key of some is an index.
    let partial = entity.unique_keys.iter().filter_map(move |key| {
        let filter = key.filter?;
        let mut unique = unique_key(entity, key);
        unique.table(lower::table(entity)).and_where(Expr::cust(filter));
        Some(unique)
    });
    let plain = all.into_iter().map(move |names| {
        let mut index = Index::create();
        index.name(escaped(&constraint_name(entity, &names, "idx"))).table(lower::table(entity));
        for property in names.iter().filter_map(|name| entity.property(name)) {
            index.col(Alias::new(property.column));
        }
        index
    });
    partial.chain(plain)
}

/// Whether the primary key or a unique one begins with these properties, and so indexes them.
fn leads_a_key(entity: &EntityDefinition, names: &[&'static str]) -> bool {
    let ids = entity.id().map(|property| property.name).take(names.len());
    let unique = |name: &&str| entity.property(name).is_some_and(|property| property.unique);
    let leads =
        |key: &&UniqueKeyDefinition| key.filter.is_none() && key.properties.starts_with(names);
    ids.eq(names.iter().copied())
        || matches!(names, [only] if unique(only))
        || entity.unique_keys.iter().any(leads)
}
