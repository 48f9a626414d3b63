//! What a call through `relations` costs beside the same call written by hand on tokio-postgres.
//!
//! Run it with `scripts/postgres run cargo bench --bench floor`. It makes a database of its own on
//! the server of `RELATIONS_TEST_POSTGRES`, sees that all sides give equal values, times them in turn,
//! and prints the ratio of their times as a markdown table.
//!
//! There are two floors, and a side of the library for each. *pooled* takes a connection from a pool
//! and a prepared statement from that connection's cache, for each call, as the library does with a
//! `Database`. *held* has one client and one prepared statement in hand; the library is given a client
//! of a pool in hand, which finds its statements by their text.
//!
//! With client and server on one core, as by `taskset -c 1 scripts/postgres run …`, all work counts
//! and the ratios are steady.

mod harness;

use std::time::{Duration, Instant};

use deadpool_postgres::Pool;
use relations::prelude::*;
use tokio_postgres::{Client, Row, Statement};

use harness::{Result, beside_a_server, client, pool, quartiles};

const CUSTOMERS: i64 = 10_000;
const ORDERS: i64 = 100_000;
const ROUNDS: usize = 100;
const CALLS: i64 = 200;

const FIND_ORDER: &str = "SELECT id, customer_id, quantity FROM orders WHERE id = $1";
const FIND_CUSTOMER: &str = "SELECT pk, name, email FROM customers WHERE pk = $1";

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "customers")]
struct Customer {
    #[id(generated)]
    pk: i64,
    name: String,
    email: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "orders")]
struct Order {
    #[id(generated)]
    id: i64,
    #[belongs_to(Customer, key_to = "pk")]
    customer_id: i64,
    quantity: i32,
}

fn order(row: &Row) -> Result<Order> {
    Ok(Order { id: row.try_get(0)?, customer_id: row.try_get(1)?, quantity: row.try_get(2)? })
}

fn customer(row: &Row) -> Result<Customer> {
    Ok(Customer { pk: row.try_get(0)?, name: row.try_get(1)?, email: row.try_get(2)? })
}

/// The floor that has a connection and a statement in hand.
struct Held {
    client: Client,
    find_order: Statement,
    find_customer: Statement,
}

impl Held {
    async fn order(&self, id: i64) -> Result<Order> {
        order(&self.client.query_one(&self.find_order, &[&id]).await?)
    }

    async fn customer(&self, order: &Order) -> Result<Customer> {
        customer(&self.client.query_one(&self.find_customer, &[&order.customer_id]).await?)
    }
}

/// The floor that takes both from a pool.
struct Pooled(Pool);

impl Pooled {
    async fn order(&self, id: i64) -> Result<Order> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(FIND_ORDER).await?;
        order(&client.query_one(&statement, &[&id]).await?)
    }

    async fn customer(&self, order: &Order) -> Result<Customer> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(FIND_CUSTOMER).await?;
        customer(&client.query_one(&statement, &[&order.customer_id]).await?)
    }
}

// One thread for client and connection alike: all sides do their work in the same place.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    beside_a_server("floor", measure).await
}

async fn measure(url: &str) -> Result<()> {
    let client = client(url).await?;
    fill(&client).await?;
    let held = Held {
        find_order: client.prepare(FIND_ORDER).await?,
        find_customer: client.prepare(FIND_CUSTOMER).await?,
        client,
    };
    let pooled = Pooled(pool(url)?);
    // Calls come one after another, so this pool never opens a second connection either.
    let db = relations::connect(url).await?;
    let client = pool(url)?.get().await?;

    let orders = sample(&held).await?;
    for order in &orders {
        let found = Order::find_by_id(order.id).one(&db).await?;
        assert_eq!((&found, &found), (order, &pooled.order(order.id).await?));
        let customer = order.customer(&db).await?;
        assert_eq!(customer, held.customer(order).await?);
        assert_eq!(customer, order.customer(&client).await?);
        assert_eq!(customer, pooled.customer(order).await?);
    }

    println!("{ROUNDS} rounds of {CALLS} calls a side; times are the library's median a call\n");
    println!("| call | time | floor | ratio, median | lower quartile | upper quartile |");
    println!("|---|---:|---|---:|---:|---:|");
    let times = interleaved(
        &orders,
        async |order: &Order| Ok(Order::find_by_id(order.id).one(&db).await?),
        async |order: &Order| pooled.order(order.id).await,
        async |order: &Order| Ok(Order::find_by_id(order.id).one(&client).await?),
        async |order: &Order| held.order(order.id).await,
    )
    .await?;
    print("`find_by_id`", &times);
    let times = interleaved(
        &orders,
        async |order: &Order| Ok(order.customer(&db).await?),
        async |order: &Order| pooled.customer(order).await,
        async |order: &Order| Ok(order.customer(&client).await?),
        async |order: &Order| held.customer(order).await,
    )
    .await?;
    print("accessor", &times);
    Ok(())
}

async fn fill(client: &Client) -> Result<()> {
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
             INSERT INTO customers (name, email)
                 SELECT 'Customer ' || n, CASE WHEN n % 3 > 0 THEN n || '@example.org' END
                 FROM generate_series(1, {CUSTOMERS}) n;
             INSERT INTO orders (customer_id, quantity)
                 SELECT 1 + n * 7919 % {CUSTOMERS}, n % 100 FROM generate_series(1, {ORDERS}) n;
             CREATE INDEX ON orders (customer_id);"
        ))
        .await?;
    client.batch_execute("VACUUM ANALYZE").await?;
    Ok(())
}

/// The orders that all sides are asked for, spread over the table.
async fn sample(held: &Held) -> Result<Vec<Order>> {
    let mut orders = Vec::new();
    for call in 0..CALLS {
        orders.push(held.order(1 + call * 15_485_863 % ORDERS).await?);
    }
    Ok(orders)
}

/// What one round took on each side: the library and the floor, pooled, and both held.
type Round = [Duration; 4];

/// Times the sides in turn. Who is first changes with each round, and the first four are not counted.
async fn interleaved<T>(
    orders: &[Order],
    library_pooled: impl AsyncFn(&Order) -> Result<T>,
    floor_pooled: impl AsyncFn(&Order) -> Result<T>,
    library_held: impl AsyncFn(&Order) -> Result<T>,
    floor_held: impl AsyncFn(&Order) -> Result<T>,
) -> Result<Vec<Round>> {
    let mut rounds = Vec::new();
    for number in 0..ROUNDS + 4 {
        let mut round = Round::default();
        for turn in 0..4 {
            let side = (number + turn) % 4;
            let time = match side {
                0 => time(orders, &library_pooled).await?,
                1 => time(orders, &floor_pooled).await?,
                2 => time(orders, &library_held).await?,
                _ => time(orders, &floor_held).await?,
            };
            if let Some(taken) = round.get_mut(side) {
                *taken = time;
            }
        }
        rounds.push(round);
    }
    Ok(rounds.split_off(4))
}

async fn time<T>(orders: &[Order], call: &impl AsyncFn(&Order) -> Result<T>) -> Result<Duration> {
    let start = Instant::now();
    for order in orders {
        std::hint::black_box(call(order).await?);
    }
    Ok(start.elapsed())
}

fn print(call: &str, rounds: &[Round]) {
    let calls = f64::from(u32::try_from(CALLS).unwrap_or(u32::MAX));
    let pooled = rounds.iter().map(|[library, floor, ..]| (library, floor));
    let held = rounds.iter().map(|[.., library, floor]| (library, floor));
    for (floor, times) in [("pooled", pooled.collect::<Vec<_>>()), ("held", held.collect())] {
        let [_, time, _] = quartiles(times.iter().map(|(library, _)| library.as_secs_f64()));
        let time = time * 1e6 / calls;
        let [lower, median, upper] =
            quartiles(times.iter().map(|(library, floor)| library.div_duration_f64(**floor)));
        println!("| {call} | {time:.1} µs | {floor} | {median:.3} | {lower:.3} | {upper:.3} |");
    }
}
