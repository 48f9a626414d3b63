//! Single changes of a database: each is found, is of the right kind, and is undone by its cure.

use ::relations::Database;
use ::relations::prelude::*;
use ::relations::shape::Drift;

use super::shop::{
    self, Card, Customer, NewCard, NewCustomer, NewLine, NewOrder, NewSeat, Order, Phase,
};
use crate::support;
use Drift::{Broken, Differs, Slow, Unknown};

/// A change, the kind of drift that it makes, and a part of the sentence that tells it.
type Change = (&'static str, Drift, &'static str);

#[rustfmt::skip]
const ON_POSTGRES: &[Change] = &[
    // Foreign keys.
    ("ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey", Broken, "`Order.customer` promises a target, and the database does not hold it: no FOREIGN KEY (customer_id) REFERENCES customers (pk)"),
    ("ALTER TABLE orders DROP CONSTRAINT orders_payer", Broken, "`Order.payer` promises that a key has its target"),
    ("ALTER TABLE orders DROP CONSTRAINT orders_seat_row_seat_number_fkey", Broken, "no FOREIGN KEY (seat_row, seat_number) REFERENCES seats (seat_row, seat_number)"),
    ("ALTER TABLE lines DROP CONSTRAINT lines_order_id_fkey; ALTER TABLE lines ADD CONSTRAINT lines_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders ON DELETE CASCADE NOT VALID", Broken, "its foreign key `lines_order_id_fkey` is not valid"),
    ("ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey; ALTER TABLE orders ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE", Broken, "`Order.customer` leads to `customers`, and the foreign key of the database leads to `customers` (id)"),
    ("ALTER TABLE cards DROP CONSTRAINT cards_customer_id_fkey; ALTER TABLE cards ADD CONSTRAINT cards_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES orders (id)", Broken, "`Card.customer` leads to `customers`, and the foreign key of the database leads to `orders` (id)"),
    ("ALTER TABLE orders DROP CONSTRAINT orders_seat_row_seat_number_fkey; ALTER TABLE orders ADD FOREIGN KEY (seat_number, seat_row) REFERENCES seats (seat_row, seat_number) ON UPDATE CASCADE", Broken, "`Order.seat` leads to `seats`"),
    ("ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey; ALTER TABLE orders ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (pk)", Differs, "ON DELETE CASCADE, and the database has ON DELETE NO ACTION"),
    ("ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey; ALTER TABLE orders ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (pk) ON DELETE RESTRICT", Differs, "the database has ON DELETE RESTRICT"),
    ("ALTER TABLE orders DROP CONSTRAINT orders_payer; ALTER TABLE orders ADD CONSTRAINT orders_payer FOREIGN KEY (payer_id) REFERENCES customers (pk) ON DELETE SET NULL", Differs, "the database has ON DELETE SET NULL"),
    ("ALTER TABLE orders DROP CONSTRAINT orders_seat_row_seat_number_fkey; ALTER TABLE orders ADD CONSTRAINT orders_seat_row_seat_number_fkey FOREIGN KEY (seat_row, seat_number) REFERENCES seats (seat_row, seat_number)", Differs, "ON UPDATE CASCADE, and the database has ON UPDATE NO ACTION"),
    ("ALTER TABLE orders RENAME CONSTRAINT orders_payer TO other", Differs, "the foreign key of `Order.payer` is named `orders_payer`, and is `other`"),
    ("ALTER TABLE lines ALTER CONSTRAINT lines_order_id_fkey DEFERRABLE INITIALLY DEFERRED", Unknown, "is deferrable"),
    ("ALTER TABLE cards ADD CONSTRAINT more FOREIGN KEY (id) REFERENCES customers (pk)", Unknown, "`cards` has the foreign key `more` (id) to `customers`"),
    // Nulls.
    ("ALTER TABLE orders ALTER customer_id DROP NOT NULL", Broken, "`Order.customer` promises a target, and `orders.customer_id` may be null"),
    ("ALTER TABLE orders ALTER quantity DROP NOT NULL", Broken, "`Order.quantity` is never null, and `orders.quantity` may be null"),
    ("ALTER TABLE orders ALTER priority SET NOT NULL", Differs, "`Order.priority` may be `None`, and `orders.priority` takes no null"),
    ("ALTER TABLE orders ALTER state DROP NOT NULL", Broken, "`Order.state` is never null"),
    // Keys.
    ("ALTER TABLE cards DROP CONSTRAINT cards_customer_id_key", Broken, "so `Customer.card` may have two targets"),
    ("ALTER TABLE customers DROP CONSTRAINT customers_email_key", Broken, "`Customer.email` is unique, and the database does not hold it"),
    ("ALTER TABLE cards DROP CONSTRAINT cards_pkey", Broken, "`Card.id` is the id, and `cards` has no primary key"),
    ("ALTER TABLE lines DROP CONSTRAINT lines_pkey; ALTER TABLE lines ADD PRIMARY KEY (order_id)", Broken, "`Line.order_id`, `Line.position` is the id, and the primary key of `lines` is (\"order_id\")"),
    ("ALTER TABLE orders DROP CONSTRAINT one_number_a_shop", Broken, "`Order.shop`, `Order.number` is unique"),
    ("ALTER TABLE orders DROP CONSTRAINT one_number_a_shop; ALTER TABLE orders ADD CONSTRAINT one_number_a_shop UNIQUE (shop, number, id)", Broken, "`Order.shop`, `Order.number` is unique"),
    ("ALTER TABLE orders RENAME CONSTRAINT one_number_a_shop TO other", Differs, "a unique key of `Order` is named `one_number_a_shop`, and is `other`"),
    ("DROP INDEX orders_shop_key_key", Broken, "`Order.shop`, `Order.key` is unique where `quantity > 0`"),
    ("DROP INDEX orders_shop_key_key; CREATE UNIQUE INDEX orders_shop_key_key ON orders (shop, key) WHERE quantity > 1", Broken, "is unique where `quantity > 0`"),
    ("DROP INDEX orders_shop_key_key; CREATE INDEX orders_shop_key_key ON orders (shop, key) WHERE quantity > 0", Broken, "is unique where `quantity > 0`"),
    ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_shop_key_key'::regclass", Broken, "is unique where `quantity > 0`"),
    ("CREATE UNIQUE INDEX other ON customers (city, name)", Unknown, "the unique index `other` (city, name)"),
    // Indexes.
    ("DROP INDEX orders_customer_id_idx", Slow, "`Order.customer` is slow to follow back from `Customer`"),
    ("DROP INDEX customers_city_idx", Slow, "`Customer.city` is declared with an index"),
    ("DROP INDEX orders_customer_id_idx; CREATE INDEX orders_customer_id_idx ON orders (quantity, customer_id)", Slow, "no index begins with it"),
    ("DROP INDEX orders_payer_id_idx; CREATE INDEX orders_payer_id_idx ON orders (payer_id) WHERE quantity > 0", Slow, "`Order.payer` is slow"),
    ("DROP INDEX orders_payer_id_idx; CREATE INDEX orders_payer_id_idx ON orders USING brin (payer_id)", Slow, "`Order.payer` is slow"),
    ("DROP INDEX orders_seat_row_seat_number_idx", Slow, "`Order.seat` is slow"),
    ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_payer_id_idx'::regclass", Slow, "its index is invalid"),
    ("CREATE INDEX other ON orders (lower(state))", Unknown, "the index `other` (lower(state))"),
    // Types.
    ("ALTER TABLE orders ALTER twice TYPE bigint", Broken, "`Order.twice` is `integer`, and `orders.twice` is `bigint`, which is not read as that"),
    ("ALTER TABLE lines ALTER price TYPE integer", Differs, "`Line.price` is declared as `bigint`, and `lines.price` is `integer`"),
    ("ALTER TABLE orders ALTER shop TYPE bigint", Broken, "`orders.shop` is `bigint`, which is not read as that"),
    ("ALTER TABLE customers ALTER name TYPE varchar(80)", Differs, "`Customer.name` is declared as `varchar(40)`, and `customers.name` is `character varying(80)`"),
    ("ALTER TABLE customers ALTER name TYPE text", Differs, "is declared as `varchar(40)`"),
    ("ALTER TABLE orders ALTER note TYPE varchar(9)", Differs, "`Order.note` is declared as `text`"),
    ("ALTER TABLE cards ALTER \"limit\" TYPE numeric(9, 2)", Broken, "`Card.limit` is `double precision`"),
    ("ALTER TABLE orders ALTER note TYPE bytea USING note::bytea", Broken, "`Order.note` is `text`, and `orders.note` is `bytea`"),
    // Defaults.
    ("ALTER TABLE orders ALTER state DROP DEFAULT", Broken, "`Order.state` has the default `'new'`, and `orders.state` has none, so inserts fail"),
    ("ALTER TABLE orders ALTER priority DROP DEFAULT", Differs, "`Order.priority` has the default `7`, and `orders.priority` has none"),
    ("ALTER TABLE orders ALTER state SET DEFAULT 'old'", Differs, "`Order.state` has the default `'new'`, and `orders.state` `'old'::text`"),
    ("ALTER TABLE orders ALTER note SET DEFAULT 'none'", Unknown, "`orders.note` has the default `'none'::text`, and `Order.note` none"),
    ("ALTER TABLE customers ALTER version DROP DEFAULT", Broken, "`Customer.version` has the default `1`"),
    ("ALTER TABLE orders ALTER id DROP IDENTITY", Broken, "`Order.id` is generated, and nothing counts `orders.id` up"),
    ("ALTER TABLE orders ALTER quantity ADD GENERATED ALWAYS AS IDENTITY", Broken, "`Order.quantity` is written, and `orders.quantity` takes no value"),
    // Columns.
    ("ALTER TABLE orders DROP note", Broken, "`Order.note` lives in `orders.note`, which the database does not have"),
    ("ALTER TABLE orders RENAME note TO remark", Broken, "`Order.note` lives in `orders.note`"),
    ("ALTER TABLE cards ADD extra integer NOT NULL DEFAULT 1; ALTER TABLE cards ALTER extra DROP DEFAULT", Broken, "`cards.extra` takes no null and has no default, and `Card` does not know it, so inserts fail"),
    ("ALTER TABLE orders ALTER twice DROP EXPRESSION", Broken, "`Order.twice` is calculated by the database as `quantity * 2`, and `orders.twice` is not calculated"),
    ("ALTER TABLE orders DROP twice, ADD twice integer NOT NULL GENERATED ALWAYS AS (quantity * 3) STORED", Differs, "is calculated by `quantity * 2`, and `orders.twice` by `(quantity * 3)`"),
    ("ALTER TABLE orders DROP priority, ADD priority integer GENERATED ALWAYS AS (quantity * 3) STORED", Broken, "`Order.priority` is written, and `orders.priority` takes no value"),
    ("ALTER TABLE cards ADD remark text", Unknown, "`cards.remark` is not a property of `Card`"),
    ("CREATE TABLE others (id integer)", Unknown, "the table `others` is that of no entity"),
    ("ALTER TYPE state ADD VALUE 'lost'", Broken, "`Order.phase` does not read the word `lost`, which the enum `state` has"),
    ("ALTER TYPE state RENAME VALUE 'sent' TO 'shipped'", Broken, "`Order.phase` may be `sent`, which the enum `state` does not have"),
    ("ALTER TABLE orders ALTER phase TYPE text", Differs, "`Order.phase` is declared as `state`, and `orders.phase` is `text`"),
    ("ALTER TABLE seats ADD CHECK (seat_row > 0)", Unknown, "CHECK ((seat_row > 0))"),
    // Tables.
    ("DROP TABLE cards", Broken, "`Card` lives in the table `cards`, which the database does not have"),
    ("CREATE SCHEMA elsewhere; ALTER TABLE lines SET SCHEMA elsewhere", Broken, "`Line` lives in the table `lines`"),
];

#[rustfmt::skip]
const ON_SQLITE: &[Change] = &[
    ("DROP INDEX orders_customer_id_idx", Slow, "`Order.customer` is slow to follow back from `Customer`"),
    ("DROP INDEX customers_city_idx", Slow, "`Customer.city` is declared with an index"),
    ("DROP INDEX orders_shop_key_key", Broken, "`Order.shop`, `Order.key` is unique where `quantity > 0`"),
    ("DROP INDEX orders_shop_key_key; CREATE UNIQUE INDEX orders_shop_key_key ON orders (shop, key) WHERE quantity > 1", Broken, "is unique where `quantity > 0`"),
    ("CREATE INDEX other ON orders (lower(state))", Unknown, "the index `other`"),
    ("CREATE UNIQUE INDEX other ON customers (city, name)", Unknown, "the unique index `other` (city, name)"),
    ("ALTER TABLE orders DROP note", Broken, "`Order.note` lives in `orders.note`, which the database does not have"),
    ("ALTER TABLE orders RENAME note TO remark", Broken, "`Order.note` lives in `orders.note`"),
    ("ALTER TABLE cards ADD extra integer NOT NULL DEFAULT 1", Unknown, "`cards.extra` is not a property of `Card`"),
    ("DROP TABLE cards", Broken, "`Card` lives in the table `cards`"),
    // Everything else is a table that was made otherwise.
    ("DROP TABLE cards; CREATE TABLE cards (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER NOT NULL UNIQUE, \"limit\" REAL NOT NULL) STRICT", Broken, "`Card.customer` promises a target"),
    ("DROP TABLE cards; CREATE TABLE cards (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER NOT NULL UNIQUE REFERENCES orders (id), \"limit\" REAL NOT NULL) STRICT", Broken, "leads to `orders` (id)"),
    ("DROP TABLE cards; CREATE TABLE cards (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER NOT NULL UNIQUE REFERENCES customers, \"limit\" REAL NOT NULL) STRICT", Broken, "leads to `customers` (id)"),
    ("DROP TABLE cards; CREATE TABLE cards (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (pk), \"limit\" REAL NOT NULL) STRICT", Broken, "so `Customer.card` may have two targets"),
    ("DROP TABLE cards; CREATE TABLE cards (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER UNIQUE REFERENCES customers (pk), \"limit\" REAL NOT NULL) STRICT", Broken, "`Card.customer` promises a target, and `cards.customer_id` may be null"),
    ("DROP TABLE cards; CREATE TABLE cards (id INTEGER NOT NULL, customer_id INTEGER NOT NULL UNIQUE REFERENCES customers (pk), \"limit\" REAL NOT NULL) STRICT", Broken, "`Card.id` is the id, and `cards` has no primary key"),
    ("DROP TABLE cards; CREATE TABLE cards (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER NOT NULL UNIQUE REFERENCES customers (pk) ON DELETE SET NULL, \"limit\" REAL NOT NULL) STRICT", Differs, "the database has ON DELETE SET NULL"),
    ("DROP TABLE cards; CREATE TABLE cards (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER NOT NULL UNIQUE REFERENCES customers (pk), \"limit\" TEXT NOT NULL) STRICT", Broken, "`Card.limit` is `REAL`, and `cards.limit` is `TEXT`"),
    ("DROP TABLE cards; CREATE TABLE cards (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER NOT NULL UNIQUE REFERENCES customers (pk), \"limit\" REAL NOT NULL, CHECK (\"limit\" > 0)) STRICT", Unknown, "CHECK (\"limit\" > 0)"),
    ("DROP TABLE lines; CREATE TABLE lines (order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE, position INTEGER NOT NULL, price INTEGER NOT NULL, PRIMARY KEY (order_id)) STRICT", Broken, "`Line.order_id`, `Line.position` is the id"),
    ("DROP TABLE seats; CREATE TABLE seats (seat_row INTEGER NOT NULL, seat_number INTEGER NOT NULL, extra TEXT NOT NULL, PRIMARY KEY (seat_row, seat_number)) STRICT", Broken, "`seats.extra` takes no null and has no default"),
];

/// Rows that every cure leaves as they are.
async fn rows(db: &Database) {
    let ada = NewCustomer { pk: 70, name: "Ada".into(), email: None, city: None, closed: None };
    ada.insert(db).await.unwrap();
    NewSeat { seat_row: 1, seat_number: 2 }.insert(db).await.unwrap();
}

async fn check_each(db: &Database, changes: &[Change]) {
    db.create(shop::all()).await.unwrap();
    rows(db).await;
    for (change, drift, told) in changes {
        let of = |text: &str| format!("after `{change}`: {text}");
        shop::run(db, change.split("; ")).await;
        let report = db.check(shop::all()).await.unwrap();
        assert!(!report.clone().strict().is_empty(), "{}", of("nothing is found"));
        assert_eq!(report.is_empty(), *drift == Unknown, "{}", of(&report.to_string()));
        let report = if *drift == Unknown { report.strict() } else { report };
        let found: Vec<_> = report.of(*drift).filter(|one| one.message.contains(told)).collect();
        assert_eq!(found.len(), 1, "{}", of(&report.to_string()));
        let worst = report.findings().map(|finding| finding.drift).min();
        assert_eq!(worst, Some(*drift), "{}", of(&report.to_string()));
        let cure = report.cure();
        shop::run(db, &cure).await;
        let after = db.check(shop::all()).await.unwrap();
        assert!(after.is_empty(), "{}", of(&format!("{after} after {cure:#?}")));
        // A column, and rows in it, are dropped by hand.
        let is_still_there = after.of(*drift).any(|one| one.message.contains(told));
        assert_eq!(is_still_there, cure.is_empty(), "{}", of(&format!("{after} after {cure:#?}")));
    }
    let customers: Vec<_> = Customer::find().select(Customer::PK).all(db).await.unwrap();
    assert_eq!(customers, [70]);
    // One change drops the table.
    let _ = NewSeat { seat_row: 1, seat_number: 2 }.insert(db).await;
    NewOrder {
        customer_id: 70,
        payer_id: None,
        shop: 1,
        number: 1,
        key: None,
        quantity: 2,
        state: None,
        phase: Phase::Sent,
        priority: None,
        seat_row: Some(1),
        seat_number: Some(2),
        note: None,
    }
    .insert(db)
    .await
    .unwrap();
    let order = Order::find().one(db).await.unwrap();
    assert_eq!((order.twice, &*order.state, order.priority), (4, "new", Some(7)));
    NewLine { order_id: order.id, position: 1, price: 5 }.insert(db).await.unwrap();
    NewCard { id: 1, customer_id: 70, limit: 0.5 }.insert(db).await.unwrap();
    assert_eq!(Card::find().count(db).await.unwrap(), 1);
}

#[tokio::test]
async fn each_change_is_found_and_cured_on_postgres() {
    let Some(db) = support::postgres().await else { return };
    shop::types(&db).await;
    check_each(&db, ON_POSTGRES).await;
}

#[tokio::test]
async fn each_change_is_found_and_cured_on_sqlite() {
    check_each(&support::sqlite().await, ON_SQLITE).await;
}
