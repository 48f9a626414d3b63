//! The statements that define and drop tables.

use sea_query::{
    Alias, ConditionalStatement, Expr, Index, IndexCreateStatement, IndexType,
    PostgresQueryBuilder, SqliteQueryBuilder, Table, TableCreateStatement, TableDropStatement,
};

use crate::definition::constraint_names::{NamedConstraint, What, named};
use crate::definition::entity::EntityDefinition;
use crate::definition::index::IndexDefinition;
use crate::definition::property::PropertyDefinition;
use crate::definition::quoting::quoted;
use crate::definition::quoting::text_literal as text;
use crate::definition::relation::RelationDefinition;
use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::sql::distribution::{SEQUENTIAL, distribute};
use crate::sql::place::defined_table;
use crate::sql::table::column;
use crate::sql::{deferrable_key, expression_index, foreign_key};

/// The statements that create tables, keys and indexes, of what is missing or of everything.
///
/// PostgreSQL is given the foreign keys after all tables, so that entities may name each other;
/// SQLite has them inside the tables, since it cannot add one later and does not look at them yet. A cluster
/// distributes the tables before they have foreign keys.
pub(crate) fn create(
    engine: Engine,
    entities: &[&'static EntityDefinition],
    missing: bool,
    on_cluster: bool,
) -> Result<Vec<String>> {
    let mut statements = Vec::new();
    let on_cluster = on_cluster && engine == Engine::Postgres;
    if on_cluster {
        statements.push(SEQUENTIAL.to_owned());
    }
    statements.extend(schemas(engine, entities)?);
    for entity in entities {
        let table = table(engine, entity, missing)?;
        statements.push(match engine {
            Engine::Postgres => {
                let table = with_checks(&table.to_string(PostgresQueryBuilder), entity);
                deferrable_key::among(&table, entity)
            }
            Engine::Sqlite => {
                let table = with_checks(&table.to_string(SqliteQueryBuilder), entity);
                with_keys(&table, entity)? + " STRICT"
            }
        });
    }
    if on_cluster {
        statements.extend(distribute(entities, missing));
    }
    if engine == Engine::Postgres {
        for entity in entities {
            statements.extend(named(entity).iter().filter_map(|one| {
                let What::ForeignKey(relation) = one.what else {
                    return None;
                };
                let key = add_foreign_key(entity, one, relation)?;
                Some(if missing { unless_held(entity, one, relation, &key) } else { key })
            }));
        }
    }
    for entity in entities {
        statements.extend(named(entity).iter().filter_map(|one| {
            let index = index(engine, entity, one, missing && engine == Engine::Sqlite)?;
            let looks = missing && engine == Engine::Postgres;
            Some(if looks { unless_indexed(entity, one, &index) } else { index })
        }));
    }
    Ok(statements)
}

/// The statements that drop tables.
pub(crate) fn drop(engine: Engine, entities: &[&'static EntityDefinition]) -> Vec<String> {
    let mut tables = TableDropStatement::new();
    tables.if_exists();
    match engine {
        // One statement, in which tables may reference each other.
        Engine::Postgres if !entities.is_empty() => {
            for entity in entities {
                tables.table(defined_table(entity));
            }
            vec![tables.to_string(PostgresQueryBuilder)]
        }
        Engine::Postgres => Vec::new(),
        // References are looked at when all tables are gone.
        Engine::Sqlite => {
            let each = entities.iter().rev().map(|entity| {
                tables.clone().table(defined_table(entity)).to_string(SqliteQueryBuilder)
            });
            ["PRAGMA defer_foreign_keys = ON".to_owned()].into_iter().chain(each).collect()
        }
    }
}

/// The schemas that the tables are in, and the enum types of their columns, which only PostgreSQL has.
/// A type that is there stays as it is.
pub(crate) fn schemas(
    engine: Engine,
    entities: &[&'static EntityDefinition],
) -> Result<Vec<String>> {
    let mut schemas = Vec::new();
    for entity in entities {
        let Some(schema) = entity.schema else {
            continue;
        };
        if engine == Engine::Sqlite {
            return Err(Error::invalid_request(format!(
                "SQLite has no schemas, and `{}` is in `{schema}`; leave out `schema = \"…\"`",
                entity.name,
            ))
            .entity_is(entity));
        }
        let statement = format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(schema));
        if !schemas.contains(&statement) {
            schemas.push(statement);
        }
    }
    let enums = entities.iter().filter(|_| engine == Engine::Postgres);
    for property in enums.flat_map(|entity| entity.properties) {
        let Some(name) = property.enumeration() else { continue };
        let words: Vec<_> = property.words.iter().map(|word| text(word)).collect();
        let create = format!("CREATE TYPE {name} AS ENUM ({})", words.join(", "));
        let known = format!("to_regtype({}) AS known WHERE known IS NOT NULL", text(name));
        let statement = unless(&known, &create);
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
    statement.table(defined_table(entity));
    if missing {
        statement.if_not_exists();
    }
    let names = named(entity);
    let id =
        names.iter().find(|one| matches!(one.what, What::Id { .. })).map(|one| escaped(&one.name));
    for property in entity.properties {
        let mut column = column(engine, entity, property)?;
        if engine == Engine::Sqlite && property.generated {
            column.extra(counted(property, id.as_deref().unwrap_or_default()));
        }
        statement.col(column);
    }
    for (name, condition) in entity.one_of.iter().map(|one| one.check(entity)) {
        statement.check((Alias::new(name), Expr::cust(condition)));
    }
    for one in names {
        match one.what {
            // SQLite says so beside the column.
            What::Id { .. } if engine == Engine::Sqlite && entity.id().any(|id| id.generated) => {}
            What::Id { .. } => {
                statement.primary_key(&mut over(entity, &one));
            }
            What::UniqueKey { filter: None, deferrable, .. } if !deferrable.is_no() => {
                deferrable_key::is_known_to(engine, entity, &one)?;
            }
            What::UniqueKey { filter: None, .. } => {
                statement.index(over(entity, &one).unique());
            }
            What::UniqueKey { .. }
            | What::ForeignKey(_)
            | What::Index(_)
            | What::Check(_)
            | What::Bounds(_) => {}
        }
    }
    Ok(statement)
}

/// The primary key that SQLite counts up. It never gives a number again, though its row is gone, as
/// no sequence does, and none that the property's type does not hold.
fn counted(property: &PropertyDefinition, name: &str) -> String {
    let key = format!("CONSTRAINT \"{name}\" PRIMARY KEY AUTOINCREMENT");
    match highest_number(property) {
        Some(bound) => format!("{key} CHECK {bound}"),
        None => key,
    }
}

/// The condition on a number that SQLite counts up, where the property's type holds fewer.
pub(crate) fn highest_number(property: &PropertyDefinition) -> Option<String> {
    let (_, most) = property.column_type.integers().filter(|(_, most)| *most < i64::MAX)?;
    Some(format!("(\"{}\" <= {most})", escaped(property.column)))
}

/// A table with the checks of its entity, by their names.
fn with_checks(table: &str, entity: &'static EntityDefinition) -> String {
    let mut table = table.strip_suffix(')').unwrap_or(table).trim_end().to_owned();
    for one in named(entity) {
        let Some(condition) = one.what.condition() else { continue };
        table = format!("{table}, CONSTRAINT \"{}\" CHECK ({condition})", escaped(&one.name));
    }
    table + " )"
}

/// The columns of a key or an index between quotes, with commas.
pub(super) fn column_list(entity: &EntityDefinition, one: &NamedConstraint) -> String {
    let properties = one.properties.iter().filter_map(|name| entity.property(name));
    let columns = properties.map(|property| format!("\"{}\"", escaped(property.column)));
    columns.collect::<Vec<_>>().join(", ")
}

/// A table of SQLite with its foreign keys, by their names: `sea_query` would leave those out, and an
/// error could not tell them.
fn with_keys(table: &str, entity: &'static EntityDefinition) -> Result<String> {
    let mut table = table.strip_suffix(')').unwrap_or(table).trim_end().to_owned();
    for one in named(entity) {
        let What::ForeignKey(relation) = one.what else { continue };
        foreign_key::sets_whole_keys(entity, relation)?;
        let Some(key) = foreign_key::create(entity, &one, relation) else { continue };
        let added = key.to_string(PostgresQueryBuilder);
        if let Some((_, key)) = added.split_once(" ADD CONSTRAINT ") {
            let waits = relation.foreign_key.map(|key| key.deferrable.sql()).unwrap_or_default();
            table = format!("{table}, CONSTRAINT {key}{waits}");
        }
    }
    Ok(table + " )")
}

/// The statement that adds a column to the table of an entity.
pub(crate) fn add_column(
    engine: Engine,
    entity: &'static EntityDefinition,
    property: &PropertyDefinition,
) -> Result<String> {
    let mut statement = Table::alter();
    statement.table(defined_table(entity));
    statement.add_column(column(engine, entity, property)?);
    let mut added = match engine {
        Engine::Postgres => statement.to_string(PostgresQueryBuilder),
        Engine::Sqlite => statement.to_string(SqliteQueryBuilder),
    };
    let is_its = |one: &NamedConstraint| matches!(one.what, What::Bounds(of) if of.is(property));
    for one in named(entity).into_iter().filter(is_its) {
        let Some(condition) = one.what.condition() else { continue };
        added = format!("{added} CONSTRAINT {} CHECK ({condition})", quoted(&one.name));
    }
    Ok(added)
}

/// The statement that adds the foreign key of a relation to a table of PostgreSQL's; `None` where there
/// is to be none.
pub(crate) fn add_foreign_key(
    entity: &'static EntityDefinition,
    one: &NamedConstraint,
    relation: &RelationDefinition,
) -> Option<String> {
    let key = foreign_key::create(entity, one, relation)?.to_string(PostgresQueryBuilder);
    let waits = relation.foreign_key.map(|key| key.deferrable.sql()).unwrap_or_default();
    Some(key + &foreign_key::setting_null(entity, relation) + waits)
}

/// The name of a key or an index, and its columns.
fn over(entity: &EntityDefinition, one: &NamedConstraint) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(escaped(&one.name));
    for property in one.properties.iter().filter_map(|name| entity.property(name)) {
        index.col(Alias::new(property.column));
    }
    index
}

/// An index as a statement of its own, which SQLite may pass over; `None` of a constraint.
pub(crate) fn index(
    engine: Engine,
    entity: &'static EntityDefinition,
    one: &NamedConstraint,
    if_not_exists: bool,
) -> Option<String> {
    if let What::Index(Some(IndexDefinition { expression: Some(expression), .. })) = one.what {
        return expression_index::create(engine, entity, one, expression, if_not_exists);
    }
    let mut index = over(entity, one);
    index.table(defined_table(entity));
    match one.what {
        What::UniqueKey { filter, .. } => {
            index.unique().and_where(Expr::cust(filter?));
        }
        What::Index(None) => {}
        What::Index(Some(definition)) => {
            if definition.unique {
                index.unique();
            }
            if let Some(filter) = definition.filter {
                index.and_where(Expr::cust(filter));
            }
            // SQLite has B-trees alone, which find as much.
            if let (Some(method), Engine::Postgres) = (definition.method, engine) {
                index.index_type(IndexType::Custom(Alias::new(method).into()));
            }
        }
        What::Id { .. } | What::ForeignKey(_) | What::Check(_) | What::Bounds(_) => return None,
    }
    if if_not_exists {
        index.if_not_exists();
    }
    Some(match engine {
        Engine::Postgres => index.to_string(PostgresQueryBuilder),
        Engine::Sqlite => index.to_string(SqliteQueryBuilder),
    })
}

/// A name as it stands between quotes, where `sea_query` puts it as it is.
pub(super) fn escaped(name: &str) -> String {
    name.replace('"', "\"\"")
}

/// A foreign key that is added unless the table has it. Where another constraint has that name,
/// PostgreSQL refuses.
fn unless_held(
    entity: &EntityDefinition,
    one: &NamedConstraint,
    relation: &RelationDefinition,
    key: &str,
) -> String {
    let held = format!(
        "pg_constraint WHERE conname = {name} AND conrelid = {table} AND confrelid = {target} AND \
         cardinality(conkey) = {count} AND conkey @> {columns}",
        name = text(&one.name),
        table = oid(entity),
        target = oid(relation.target.definition()),
        count = one.properties.len(),
        columns = columns(entity, one),
    );
    unless(&held, key)
}

/// An index that is created unless the table has it. Where something else has that name, also in
/// another table, PostgreSQL refuses; `IF NOT EXISTS` would pass it over.
fn unless_indexed(entity: &EntityDefinition, one: &NamedConstraint, index: &str) -> String {
    // One that only makes reading faster may be of more columns by now.
    let over = if one.what.is_unique() {
        let (count, columns) = (one.properties.len(), columns(entity, one));
        format!(" AND indisunique AND indnkeyatts = {count} AND indkey::int2[] @> {columns}")
    } else {
        String::new()
    };
    let indexed = format!(
        "pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relname = {name} AND \
         indrelid = {table}{over}",
        name = text(&one.name),
        table = oid(entity),
    );
    unless(&indexed, index)
}

/// A statement that runs unless something is found, which only a block of PL/pgSQL can say.
fn unless(found: &str, statement: &str) -> String {
    format!(
        "DO $create$ BEGIN IF NOT EXISTS (SELECT FROM {found}) THEN {statement}; END IF; END $create$"
    )
}

/// The table of an entity, as PostgreSQL's catalogs know it.
fn oid(entity: &EntityDefinition) -> String {
    format!("{}::regclass", text(&table_name(entity)))
}

/// The table of an entity between quotes.
pub(super) fn table_name(entity: &EntityDefinition) -> String {
    let quoted = |name: &str| format!("\"{}\"", escaped(name));
    match entity.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(entity.table)),
        None => quoted(entity.table),
    }
}

/// The numbers of the columns that something is over, as PostgreSQL's catalogs know them.
fn columns(entity: &EntityDefinition, one: &NamedConstraint) -> String {
    let names = one.properties.iter().filter_map(|name| entity.property(name));
    let names: Vec<_> = names.map(|property| text(property.column)).collect();
    format!(
        "ARRAY(SELECT attnum FROM pg_attribute WHERE attrelid = {table} AND attname IN ({names}))",
        table = oid(entity),
        names = names.join(", "),
    )
}
