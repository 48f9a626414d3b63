//! Entities with one of everything that a check looks at, and no drift where they were created.

use ::relations::prelude::*;
use ::relations::shape::Drift;
use ::relations::{Database, Engine, Executor, Schema, schema};

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "customers")]
#[has_many(Order, key_from = "pk")]
#[has_one(Card, key_from = "pk")]
pub struct Customer {
    #[id(generated)]
    pub id: i64,
    #[unique]
    pub pk: i64,
    #[column(type = "varchar(40)")]
    pub name: String,
    #[unique]
    pub email: Option<String>,
    #[index]
    pub city: Option<String>,
    #[column(default = "false")]
    pub closed: bool,
    #[version]
    pub version: i32,
}

#[derive(Debug, Clone, PartialEq, Value)]
#[value(rename_all = "snake_case")]
pub enum Phase {
    New,
    Sent,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "orders")]
#[unique(shop, number, name = "one_number_a_shop")]
#[unique(shop, key, filter = "quantity > 0")]
#[has_many(Line)]
#[belongs_to(
    Seat,
    key_from(seat_row, seat_number),
    key_to(seat_row, seat_number),
    on_update = "cascade"
)]
pub struct Order {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Customer, key_to = "pk", on_delete = "cascade")]
    pub customer_id: i64,
    #[belongs_to(Customer, key_to = "pk", constraint = "orders_payer")]
    pub payer_id: Option<i64>,
    pub shop: i32,
    pub number: i32,
    pub key: Option<String>,
    pub quantity: i16,
    #[column(default = "'new'")]
    pub state: String,
    #[column(type = "state")]
    pub phase: Phase,
    #[column(default = "7")]
    pub priority: Option<i32>,
    #[column(generated = "quantity * 2")]
    pub twice: i32,
    pub seat_row: Option<i32>,
    pub seat_number: Option<i32>,
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "cards")]
pub struct Card {
    #[id]
    pub id: i64,
    #[unique]
    #[belongs_to(Customer, key_to = "pk")]
    pub customer_id: i64,
    pub limit: f64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "lines")]
pub struct Line {
    #[id]
    #[belongs_to(Order, on_delete = "cascade")]
    pub order_id: i64,
    #[id]
    pub position: i32,
    pub price: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "seats")]
pub struct Seat {
    #[id]
    pub seat_row: i32,
    #[id]
    pub seat_number: i32,
}

pub fn all() -> Schema {
    schema![Customer, Order, Card, Line, Seat]
}

/// The types that PostgreSQL needs first.
pub async fn types(db: &Database) {
    if db.engine() == Engine::Postgres {
        run(db, ["CREATE TYPE state AS ENUM ('new', 'sent')"]).await;
    }
}

/// Runs statements on a connection of their own.
pub async fn run(db: &Database, statements: impl IntoIterator<Item = impl AsRef<str>>) {
    let session = db.sql_session().await.unwrap();
    for statement in statements {
        let statement = statement.as_ref();
        let ran = ::relations::sql(statement, ()).execute(&session).await;
        ran.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

behaviour! {
    async fn what_was_created_has_no_drift(db) {
        types(db).await;
        db.create(all()).await.unwrap();
        let report = db.check(all()).await.unwrap().strict();
        assert!(report.is_empty(), "{report}");
        assert_eq!(report.to_string(), "the database holds what the entities promise\n");
    }

    async fn what_is_missing_is_created_by_the_cure(db) {
        types(db).await;
        let report = db.check(all()).await.unwrap();
        assert!(report.is_broken());
        assert_eq!(report.of(Drift::Broken).count(), 5, "{report}");
        run(db, report.cure()).await;
        let report = db.check(all()).await.unwrap().strict();
        assert!(report.is_empty(), "{report}");
    }

    async fn an_entity_that_is_reached_and_not_listed_is_told(db) {
        types(db).await;
        db.create(all()).await.unwrap();
        let listed = || schema![Card];
        let mut unlisted: Vec<_> = listed().unlisted().map(|entity| entity.name).collect();
        let report = db.check(listed()).await.unwrap();
        let unsure: Vec<_> = report.of(Drift::Unsure).filter_map(|finding| finding.entity).collect();
        assert_eq!(unsure, unlisted);
        unlisted.sort_unstable();
        assert_eq!(unlisted, ["Customer", "Line", "Order", "Seat"]);
        assert!(report.of(Drift::Unsure).all(|finding| finding.message.contains("add it to `schema![…]`")));
    }

    async fn orphans_are_counted_and_shown(db) {
        types(db).await;
        db.create(all()).await.unwrap();
        for pk in [70, 80] {
            let new = NewCustomer { pk, name: "Ada".into(), email: None, city: None, closed: None };
            new.insert(db).await.unwrap();
        }
        for (id, customer_id) in [(1, 70), (2, 80)] {
            NewCard { id, customer_id, limit: 0.5 }.insert(db).await.unwrap();
        }
        match db.engine() {
            Engine::Postgres => run(db, [
                "ALTER TABLE cards DROP CONSTRAINT cards_customer_id_fkey",
                "UPDATE cards SET customer_id = 700 WHERE id = 1",
            ]).await,
            Engine::Sqlite => run(db, [
                "PRAGMA foreign_keys = OFF",
                "UPDATE cards SET customer_id = 700 WHERE id = 1",
                "ALTER TABLE cards RENAME TO before",
                "CREATE TABLE cards (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER NOT NULL UNIQUE, \"limit\" REAL NOT NULL) STRICT",
                "INSERT INTO cards SELECT * FROM before",
                "DROP TABLE before",
            ]).await,
        }
        let report = db.check(all()).await.unwrap();
        let [broken] = &*report.of(Drift::Broken).collect::<Vec<_>>() else { panic!("{report}") };
        assert_eq!((broken.entity, broken.relation), (Some("Card"), Some("customer")));
        assert_eq!(broken.rows, Some(1));
        assert_eq!(
            broken.message,
            "`Card.customer` promises a target, and the database does not hold it: no FOREIGN KEY \
             (customer_id) REFERENCES customers (pk); there is 1 row of `cards` without a target, the \
             first by the key 700"
        );
    }
}
