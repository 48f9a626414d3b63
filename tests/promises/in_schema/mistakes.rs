//! Operations that cannot be done in a schema are refused before they are sent.

use ::relations::Engine;
use ::relations::driver::{Rows, Statement};
use ::relations::prelude::*;
use ::relations::{Executor, Result, schema, sql};

use super::world::*;
use crate::support::{postgres, sqlite};

fn refused<T: std::fmt::Debug>(result: Result<T>, says: &str) {
    let error = result.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

#[tokio::test]
async fn sqlite_has_no_schemas() {
    let db = sqlite().await;
    let schema = db.in_schema("t7");
    refused(Tag::find().all(&schema).await, "SQLite has no schemas");
    refused(NewTag { name: "a".into() }.insert(&schema).await, "SQLite has no schemas");
    refused(schema.create(schema![Tag]).await, "SQLite has no schemas");
    refused(schema.drop(schema![Tag]).await, "SQLite has no schemas");
    refused(schema.begin().await, "SQLite has no schemas");
}

#[tokio::test]
async fn a_name_is_one_of_postgres() {
    let Some(db) = postgres().await else { return };
    for (name, says) in [
        ("", "is empty"),
        ("a\0b", "NUL"),
        (&*"x".repeat(64), "63 bytes"),
        (&*"ü".repeat(32), "63 bytes"),
    ] {
        refused(Tag::find().all(&db.in_schema(name)).await, says);
        refused(db.in_schema(name).create(schema![Tag]).await, says);
    }
    let longest = "ü".repeat(31);
    db.in_schema(&longest).create(schema![Tag]).await.unwrap();
    assert_eq!(Tag::find().count(&db.in_schema(&longest)).await.unwrap(), 0);
}

#[tokio::test]
async fn a_schema_is_chosen_once() {
    let Some(db) = postgres().await else { return };
    filled(&db).await;
    let tx = db.in_schema("t7").begin().await.unwrap();
    refused(Tag::find().all(&tx.in_schema("T7")).await, "within another one");
    assert_eq!(Tag::find().count(&tx.in_schema("t7")).await.unwrap(), 3);
    tx.commit().await.unwrap();
    let twice = ::relations::driver::InSchema::new(db.in_schema("t7"), "T7");
    refused(Tag::find().all(&twice).await, "within another one");
    refused(twice.begin().await, "within another one");
}

#[tokio::test]
async fn sql_of_ones_own_says_that_it_is_meant() {
    let Some(db) = postgres().await else { return };
    filled(&db).await;
    let schema = db.in_schema("t7");
    let count = || sql("SELECT count(*) FROM tags", ());
    refused(count().one::<i64>(&schema).await, ".unscoped()");
    assert_eq!(count().unscoped().one::<i64>(&schema).await.unwrap(), 0);
    refused(sql("DELETE FROM tags", ()).execute_script(&schema).await, ".unscoped()");
}

/// An executor that does not tell its schema.
struct Hiding<E>(E);

impl<E: Executor> Executor for Hiding<E> {
    fn engine(&self) -> Engine {
        self.0.engine()
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.0.run(statement).await
    }
}

#[tokio::test]
async fn an_executor_around_it_tells_its_schema() {
    let Some(db) = postgres().await else { return };
    filled(&db).await;
    refused(Tag::find().all(&Hiding(db.in_schema("t7"))).await, "forward `schema`");
}

#[tokio::test]
async fn foreign_keys_stay_in_their_schema() {
    let Some(db) = postgres().await else { return };
    db.create(schema![Country, Customer]).await.unwrap();
    let schema = db.in_schema("t7");
    refused(schema.create(schema![Order]).await, "no table of `Customer`");
    schema.create(schema![Customer]).await.unwrap();
    schema.create(schema![Order]).await.unwrap();
    let target: String = sql(
        "SELECT confrelid::regclass::text FROM pg_constraint WHERE contype = 'f' \
         AND conrelid = 't7.orders'::regclass",
        (),
    )
    .one(&db)
    .await
    .unwrap();
    assert_eq!(target, "t7.customers");
}
