//! The definitions beside the catalogue of the database: neither has what the other lacks.

use std::collections::BTreeSet;
use std::fmt::Debug;

use ::relations::definition::{Action, ColumnType, EntityDefinition, PropertyDefinition};
use tokio_postgres::Client;

use super::Northwind;
use super::entities::schema;
use crate::support;

/// A foreign key as both sides tell it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ForeignKey {
    name: String,
    table: String,
    columns: Vec<String>,
    target: String,
    target_columns: Vec<String>,
    on_delete: String,
    on_update: String,
}

/// A column as both sides tell it, at its place in the table.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Column {
    table: String,
    at: usize,
    name: String,
    spelled: String,
    nullable: bool,
}

/// A primary key, or an index that is there for its own sake.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Columns {
    table: String,
    columns: Vec<String>,
}

fn assert_same<T: Ord + Debug>(definitions: &BTreeSet<T>, catalogue: &BTreeSet<T>) {
    let only_defined: Vec<_> = definitions.difference(catalogue).collect();
    let only_there: Vec<_> = catalogue.difference(definitions).collect();
    assert!(
        only_defined.is_empty() && only_there.is_empty(),
        "the definitions alone have {only_defined:#?}, the catalogue alone {only_there:#?}",
    );
}

// --- What the definitions say ---------------------------------------------------------------------

fn columns_of(entity: &EntityDefinition, properties: &[&str]) -> Vec<String> {
    let column = |name: &&str| entity.property(name).expect("a key is of properties").column.into();
    properties.iter().map(column).collect()
}

fn defined_foreign_keys() -> BTreeSet<ForeignKey> {
    let action = |action| match action {
        Action::NoAction => "a",
        Action::Restrict => "r",
        Action::Cascade => "c",
        Action::SetNull => "n",
        Action::SetDefault => "d",
    };
    let schema = schema();
    let of = |entity: &'static EntityDefinition| {
        entity.relations.iter().filter_map(move |relation| {
            let foreign_key = relation.foreign_key?;
            let target = relation.target.definition();
            Some(ForeignKey {
                name: foreign_key.name.expect("every constraint is named").into(),
                table: entity.table.into(),
                columns: columns_of(entity, relation.key_from),
                target: target.table.into(),
                target_columns: columns_of(target, relation.key_to),
                on_delete: action(foreign_key.on_delete).into(),
                on_update: action(foreign_key.on_update).into(),
            })
        })
    };
    schema.entities().flat_map(of).collect()
}

fn defined_columns() -> BTreeSet<Column> {
    let of = |entity: &'static EntityDefinition| {
        entity.properties.iter().enumerate().map(move |(at, property)| Column {
            table: entity.table.into(),
            at,
            name: property.column.into(),
            spelled: spelled(property).into(),
            nullable: property.nullable,
        })
    };
    schema().entities().flat_map(of).collect()
}

fn spelled(property: &PropertyDefinition) -> &'static str {
    match property.column_type {
        ColumnType::SmallInt => "smallint",
        ColumnType::Integer => "integer",
        ColumnType::Real => "real",
        ColumnType::Text => "text",
        ColumnType::Bytes => "bytea",
        ColumnType::Date => "date",
        other => panic!("Northwind has no {other:?}, which `{}` is", property.name),
    }
}

fn defined_ids() -> BTreeSet<Columns> {
    let of = |entity: &'static EntityDefinition| Columns {
        table: entity.table.into(),
        columns: entity.id().map(|property| property.column.into()).collect(),
    };
    schema().entities().map(of).collect()
}

fn defined_indexes() -> BTreeSet<Columns> {
    let of = |entity: &'static EntityDefinition| {
        let properties = entity.properties.iter().filter(|property| property.indexed);
        let relations = entity.relations.iter().filter(|relation| relation.indexed);
        let columns = properties
            .map(|property| vec![property.column.to_owned()])
            .chain(relations.map(|relation| columns_of(entity, relation.key_from)));
        columns.map(|columns| Columns { table: entity.table.into(), columns }).collect::<Vec<_>>()
    };
    schema().entities().flat_map(of).collect()
}

// --- What the catalogue says ----------------------------------------------------------------------

/// The names of columns, in the order of an array of their numbers.
macro_rules! names {
    ($numbers:literal, $table:literal) => {
        concat!(
            "array(SELECT attname::text FROM unnest(",
            $numbers,
            ") WITH ORDINALITY AS key(number, at) JOIN pg_attribute ON attrelid = ",
            $table,
            " AND attnum = key.number ORDER BY at)",
        )
    };
}

async fn foreign_keys(client: &Client) -> BTreeSet<ForeignKey> {
    let sql = concat!(
        "SELECT conname::text, source.relname::text, ",
        names!("conkey", "conrelid"),
        ", target.relname::text, ",
        names!("confkey", "confrelid"),
        ", confdeltype::text, confupdtype::text FROM pg_constraint \
         JOIN pg_class source ON source.oid = conrelid \
         JOIN pg_class target ON target.oid = confrelid \
         WHERE contype = 'f' AND connamespace = 'public'::regnamespace",
    );
    let rows = client.query(sql, &[]).await.unwrap();
    let keys = rows.iter().map(|row| ForeignKey {
        name: row.get(0),
        table: row.get(1),
        columns: row.get(2),
        target: row.get(3),
        target_columns: row.get(4),
        on_delete: row.get(5),
        on_update: row.get(6),
    });
    keys.collect()
}

async fn columns(client: &Client) -> BTreeSet<Column> {
    let sql = "SELECT relname::text, attnum, attname::text, \
         CASE atttypid WHEN 'varchar'::regtype THEN 'text' ELSE atttypid::regtype::text END, \
         NOT attnotnull FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid \
         WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace \
         AND attnum > 0 AND NOT attisdropped";
    let rows = client.query(sql, &[]).await.unwrap();
    let columns = rows.iter().map(|row| Column {
        table: row.get(0),
        at: usize::try_from(row.get::<_, i16>(1)).unwrap() - 1,
        name: row.get(2),
        spelled: row.get(3),
        nullable: row.get(4),
    });
    columns.collect()
}

async fn primary_keys(client: &Client) -> BTreeSet<Columns> {
    let sql = concat!(
        "SELECT relname::text, ",
        names!("conkey", "conrelid"),
        " FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid \
         WHERE contype = 'p' AND connamespace = 'public'::regnamespace",
    );
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| Columns { table: row.get(0), columns: row.get(1) }).collect()
}

/// The indexes that serve no constraint.
async fn indexes(client: &Client) -> BTreeSet<Columns> {
    let sql = concat!(
        "SELECT relname::text, ",
        names!("indkey", "indrelid"),
        " FROM pg_index JOIN pg_class ON pg_class.oid = indrelid \
         WHERE relnamespace = 'public'::regnamespace AND NOT indisunique",
    );
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| Columns { table: row.get(0), columns: row.get(1) }).collect()
}

// --- Both ------------------------------------------------------------------------------------------

async fn assert_catalogue_is_as_defined(client: &Client) {
    assert_same(&defined_foreign_keys(), &foreign_keys(client).await);
    assert_same(&defined_columns(), &columns(client).await);
    assert_same(&defined_ids(), &primary_keys(client).await);
    assert_same(&defined_indexes(), &indexes(client).await);
}

#[tokio::test]
async fn definitions_are_what_the_catalogue_says() {
    let Some(Northwind { client, .. }) = super::shared().await else { return };
    assert_eq!(schema().entities().count(), 14);
    assert_eq!(foreign_keys(&client).await.len(), 13);
    assert_catalogue_is_as_defined(&client).await;
}

#[tokio::test]
async fn tables_of_our_own_have_the_same_catalogue() {
    let Some(url) = support::postgres_url().await else { return };
    let Northwind { db, client } = Northwind::at(&url).await;
    db.create(schema()).await.unwrap();
    assert_catalogue_is_as_defined(&client).await;
}

#[tokio::test]
async fn a_key_that_is_unique_only_in_the_data_is() {
    let Some(Northwind { client, .. }) = super::shared().await else { return };
    let sql = "SELECT count(*), count(DISTINCT state_abbr) FROM us_states";
    let row = client.query_one(sql, &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), row.get::<_, i64>(1));
}
