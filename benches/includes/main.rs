//! What an include costs beside the same work written by hand on tokio-postgres, by each strategy.
//!
//! Run it with `scripts/postgres run cargo bench --bench includes`. It makes a database of its own on
//! the server of `RELATIONS_TEST_POSTGRES`, sees that all sides give equal values, times them in turn,
//! and prints a markdown table. `-- quick` behind it gives a first impression, and `-- sweep` tells by
//! hand-written code alone where one strategy becomes faster than another.
//!
//! Both sides have a pool of one connection, from which each call takes the connection and its
//! prepared statements. The far server is the same one behind a relay that delays each direction by
//! half a millisecond.
//!
//! With client and server on one core, as by `taskset -c 1 scripts/postgres run …`, all work counts
//! and the ratios are steady.

mod far;
mod floor;
#[path = "../harness/mod.rs"]
mod harness;
mod sides;
mod sweep;

use std::time::Duration;

use relations::prelude::*;
use relations::{Database, NotIncluded, Options};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use far::relay;
use floor::Floor;
use harness::{Result, beside_a_server, client};
use sides::{Case, Effort};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

const CUSTOMERS: i64 = 10_000;
const ORDERS: i64 = 100_000;
const LINES: i64 = 200_000;
const PRODUCTS: i64 = 1_000;
const ONE_WAY: Duration = Duration::from_micros(500);

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "customers")]
#[has_many(Order)]
struct Customer {
    #[id(generated)]
    pk: i64,
    name: String,
    email: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "orders")]
#[has_many(Line)]
struct Order {
    #[id(generated)]
    id: i64,
    #[belongs_to(Customer, key_to = "pk")]
    customer_id: i64,
    quantity: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "lines")]
struct Line {
    #[id(generated)]
    id: i64,
    #[belongs_to(Order)]
    order_id: i64,
    #[belongs_to(Product)]
    product_id: i64,
    price: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "products")]
struct Product {
    #[id(generated)]
    id: i64,
    title: String,
}

type OrderAndCustomer = OrderWith<Customer>;
type LineAndOrder = LineWith<OrderAndCustomer>;
type CountedCustomer = CustomerWith<i64>;
type CustomerAndOrders = CustomerWith<Vec<Order>>;

// One thread for client and connection alike: all sides do their work in the same place.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    beside_a_server("includes", measure).await
}

async fn measure(url: &str) -> Result<()> {
    fill(url).await?;
    let asked = |what: &str| std::env::args().any(|argument| argument == what);
    let effort = if asked("quick") { Effort::QUICK } else { Effort::FULL };
    if asked("sweep") {
        return sweep::print(url, effort).await;
    }
    let far = relay(url, ONE_WAY)?;
    let near = Server { name: "near", db: database(url).await?, floor: Floor::of(url)? };
    let far = Server { name: "1 ms away", db: database(&far).await?, floor: Floor::of(&far)? };

    sides::print_heading();
    near.order_by_key().run(effort).await?;
    for orders in [1, 10, 100, 10_000] {
        near.orders(orders).run(effort).await?;
    }
    near.lines(1_000).run(effort).await?;
    near.customers(100).run(effort).await?;
    near.largest_orders(100).run(effort).await?;
    near.counts(100).run(effort).await?;
    for orders in [1, 100] {
        far.orders(orders).run(effort).await?;
    }
    far.customers(100).run(effort).await?;
    far.lines(1_000).run(effort).await?;
    Ok(())
}

async fn database(url: &str) -> Result<Database> {
    Ok(Options::new(url).pool_size(1).connect().await?)
}

/// A server, and both ways to ask it.
struct Server {
    name: &'static str,
    db: Database,
    floor: Floor,
}

impl Server {
    fn order_by_key(&self) -> Case<'_, OrderAndCustomer> {
        let Self { name, db, floor } = self;
        let id = ORDERS / 2;
        let order = move || Order::find_by_id(id);
        Case::new(format!("an order by its id with its customer, {name}"), 1)
            .side(
                "joined",
                async move || order().include(Order::CUSTOMER.joined()).one(db).await,
                async move || floor.order_joined(id).await,
            )
            .side(
                "batched",
                async move || order().include(Order::CUSTOMER.batched()).one(db).await,
                async move || floor.order_batched(id).await,
            )
            .side(
                "pipelined",
                async move || order().include(Order::CUSTOMER.pipelined()).one(db).await,
                async move || floor.order_pipelined(id).await,
            )
            .default(async move || order().include(Order::CUSTOMER).one(db).await)
    }

    fn orders(&self, count: u32) -> Case<'_, Vec<OrderAndCustomer>> {
        let Self { name, db, floor } = self;
        let floor = floor.orders(count);
        let orders = move || Order::find().order_by(Order::ID.asc()).limit(count.into());
        let title = match count {
            1 => format!("an order with its customer, {name}"),
            count => format!("{count} orders with their customers, {name}"),
        };
        Case::new(title, count)
            .side(
                "joined",
                async move || orders().include(Order::CUSTOMER.joined()).all(db).await,
                async move || floor.joined().await,
            )
            .side(
                "batched",
                async move || orders().include(Order::CUSTOMER.batched()).all(db).await,
                async move || floor.batched().await,
            )
            .side(
                "pipelined",
                async move || orders().include(Order::CUSTOMER.pipelined()).all(db).await,
                async move || floor.pipelined().await,
            )
            .default(async move || orders().include(Order::CUSTOMER).all(db).await)
    }

    fn lines(&self, count: u32) -> Case<'_, Vec<LineAndOrder>> {
        let Self { name, db, floor } = self;
        let floor = floor.lines(count);
        let lines = move || Line::find().order_by(Line::ID.asc()).limit(count.into());
        Case::new(format!("{count} lines with their orders and customers, {name}"), count)
            .side(
                "joined",
                async move || {
                    let order = Line::ORDER.joined().include(Order::CUSTOMER.joined());
                    lines().include(order).all(db).await
                },
                async move || floor.joined().await,
            )
            .side(
                "batched",
                async move || {
                    let order = Line::ORDER.batched().include(Order::CUSTOMER.batched());
                    lines().include(order).all(db).await
                },
                async move || floor.batched().await,
            )
            .side(
                "pipelined",
                async move || {
                    let order = Line::ORDER.pipelined().include(Order::CUSTOMER.pipelined());
                    lines().include(order).all(db).await
                },
                async move || floor.pipelined().await,
            )
            .default(async move || {
                lines().include(Line::ORDER.include(Order::CUSTOMER)).all(db).await
            })
    }

    fn customers(&self, count: u32) -> Case<'_, Vec<CustomerAndOrders>> {
        let Self { name, db, floor } = self;
        let floor = floor.customers(count);
        let customers = move || Customer::find().order_by(Customer::PK.asc()).limit(count.into());
        Case::new(format!("{count} customers with their orders, {name}"), count)
            .side(
                "batched",
                async move || customers().include(Customer::ORDERS.batched()).all(db).await,
                async move || floor.batched().await,
            )
            .side(
                "pipelined",
                async move || customers().include(Customer::ORDERS.pipelined()).all(db).await,
                async move || floor.pipelined().await,
            )
            .default(async move || customers().include(Customer::ORDERS).all(db).await)
    }

    fn largest_orders(&self, count: u32) -> Case<'_, Vec<CustomerAndOrders>> {
        let Self { name, db, floor } = self;
        let floor = floor.largest_orders(count);
        let customers = move || Customer::find().order_by(Customer::PK.asc()).limit(count.into());
        let largest = || Customer::ORDERS.order_by(Order::QUANTITY.desc()).limit(3);
        Case::new(format!("{count} customers with their three largest orders, {name}"), count)
            .side(
                "batched",
                async move || customers().include(largest().batched()).all(db).await,
                async move || floor.batched().await,
            )
            .side(
                "pipelined",
                async move || customers().include(largest().pipelined()).all(db).await,
                async move || floor.pipelined().await,
            )
            .default(async move || customers().include(largest()).all(db).await)
    }

    fn counts(&self, count: u32) -> Case<'_, Vec<CountedCustomer>> {
        let Self { name, db, floor } = self;
        let floor = floor.counts(count);
        let customers = move || Customer::find().order_by(Customer::PK.asc()).limit(count.into());
        let orders = || Customer::ORDERS.count();
        Case::new(format!("{count} customers with the number of their orders, {name}"), count)
            .side(
                "joined",
                async move || customers().include(orders().joined()).all(db).await,
                async move || floor.joined().await,
            )
            .side(
                "batched",
                async move || customers().include(orders().batched()).all(db).await,
                async move || floor.batched().await,
            )
            .side(
                "pipelined",
                async move || customers().include(orders().pipelined()).all(db).await,
                async move || floor.pipelined().await,
            )
            .default(async move || customers().include(orders()).all(db).await)
    }
}

/// Every customer has ten orders, far from each other; every fifth order has ten lines.
async fn fill(url: &str) -> Result<()> {
    let client = client(url).await?;
    client
        .batch_execute(&format!(
            "CREATE TABLE customers (
                 pk bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
                 name text NOT NULL,
                 email text
             );
             CREATE TABLE orders (
                 id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
                 customer_id bigint NOT NULL REFERENCES customers (pk),
                 quantity int NOT NULL
             );
             CREATE TABLE products (
                 id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
                 title text NOT NULL
             );
             CREATE TABLE lines (
                 id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
                 order_id bigint NOT NULL REFERENCES orders (id),
                 product_id bigint NOT NULL REFERENCES products (id),
                 price int NOT NULL
             );
             INSERT INTO customers (name, email)
                 SELECT 'Customer ' || n, CASE WHEN n % 3 > 0 THEN n || '@example.org' END
                 FROM generate_series(1, {CUSTOMERS}) n;
             INSERT INTO orders (customer_id, quantity)
                 SELECT 1 + n * 7919 % {CUSTOMERS}, n % 100 FROM generate_series(1, {ORDERS}) n;
             INSERT INTO products (title)
                 SELECT 'Product ' || n FROM generate_series(1, {PRODUCTS}) n;
             INSERT INTO lines (order_id, product_id, price)
                 SELECT 1 + (n - 1) / 10 * 5, 1 + n * 389 % {PRODUCTS}, n % 1000
                 FROM generate_series(1, {LINES}) n;
             CREATE INDEX ON orders (customer_id);
             CREATE INDEX ON lines (order_id);
             CREATE INDEX ON lines (product_id);"
        ))
        .await?;
    client.batch_execute("VACUUM ANALYZE").await?;
    Ok(())
}
