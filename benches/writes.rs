//! What a write through `relations` costs beside the same write by hand on tokio-postgres.
//!
//! Run it with `scripts/postgres run cargo bench --bench writes`. It makes a database of its own on
//! the server of `RELATIONS_TEST_POSTGRES`, sees that all sides write equal rows, times them in
//! turn, and prints the ratio of their times as a markdown table.
//!
//! The floors are those of `floor`: *pooled* takes a connection and a prepared statement from a
//! pool for each call, *held* has both in hand. Each side is given rows of its own and gives back
//! what the database made of them. By hand many rows are inserted as the library does it, from one
//! array a column.
//!
//! With client and server on one core, as by `taskset -c 1 scripts/postgres run …`, all work counts
//! and the ratios are steady.

mod harness;

use std::time::{Duration, Instant};

use deadpool_postgres::Pool;
use relations::prelude::*;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use harness::{Result, beside_a_server, client, pool, quartiles};

const CUSTOMERS: i64 = 10_000;
const ROUNDS: usize = 100;
const CALLS: usize = 200;
const ROWS: usize = 1_000;

const INSERT: &str = "INSERT INTO orders (customer_id, quantity, note) VALUES ($1, $2, $3) \
                      RETURNING id, customer_id, quantity, note";
const INSERT_MANY: &str = "INSERT INTO orders (customer_id, quantity, note) \
                           SELECT * FROM unnest($1::int8[], $2::int4[], $3::text[]) \
                           RETURNING id, customer_id, quantity, note";
const UPDATE: &str = "UPDATE orders SET customer_id = $1, quantity = $2, note = $3 WHERE id = $4";

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "customers")]
struct Customer {
    #[id(generated)]
    pk: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "orders")]
struct Order {
    #[id(generated)]
    id: i64,
    #[belongs_to(Customer, key_to = "pk")]
    customer_id: i64,
    quantity: i32,
    note: String,
}

fn order(row: &Row) -> Result<Order> {
    Ok(Order {
        id: row.try_get(0)?,
        customer_id: row.try_get(1)?,
        quantity: row.try_get(2)?,
        note: row.try_get(3)?,
    })
}

/// A connection and the statements, however they are come by.
struct Floor<'a> {
    client: &'a Client,
    statement: &'a Statement,
}

impl Floor<'_> {
    async fn insert(&self, new: NewOrder) -> Result<Order> {
        let values: [&(dyn ToSql + Sync); 3] = [&new.customer_id, &new.quantity, &new.note];
        order(&self.client.query_one(self.statement, &values).await?)
    }

    async fn insert_many(&self, new: Vec<NewOrder>) -> Result<Vec<Order>> {
        let customers: Vec<_> = new.iter().map(|new| new.customer_id).collect();
        let quantities: Vec<_> = new.iter().map(|new| new.quantity).collect();
        let notes: Vec<_> = new.iter().map(|new| new.note.as_str()).collect();
        let rows = self.client.query(self.statement, &[&customers, &quantities, &notes]).await?;
        rows.iter().map(order).collect()
    }

    async fn update(&self, order: Order) -> Result<u64> {
        let Order { id, customer_id, quantity, note } = order;
        Ok(self.client.execute(self.statement, &[&customer_id, &quantity, &note, &id]).await?)
    }
}

/// The floor that has a connection and its statements in hand.
struct Held {
    client: Client,
    insert: Statement,
    insert_many: Statement,
    update: Statement,
}

impl Held {
    fn by<'a>(&'a self, statement: &'a Statement) -> Floor<'a> {
        Floor { client: &self.client, statement }
    }
}

/// A write by a connection and a statement that are taken from a pool.
macro_rules! pooled {
    ($pool:expr, $sql:expr, $write:ident, $given:expr) => {{
        let client = $pool.get().await?;
        let statement = client.prepare_cached($sql).await?;
        Floor { client: &client, statement: &statement }.$write($given).await
    }};
}

// One thread for client and connection alike: all sides do their work in the same place.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    beside_a_server("writes", measure).await
}

async fn measure(url: &str) -> Result<()> {
    let client = client(url).await?;
    fill(&client).await?;
    let held = Held {
        insert: client.prepare(INSERT).await?,
        insert_many: client.prepare(INSERT_MANY).await?,
        update: client.prepare(UPDATE).await?,
        client,
    };
    let pooled: Pool = pool(url)?;
    // Calls come one after another, so this pool never opens a second connection either.
    let db = relations::connect(url).await?;
    let client = pool(url)?.get().await?;

    println!("{ROUNDS} rounds a side; times are the library's median a call\n");
    println!("| call | time | floor | ratio, median | lower quartile | upper quartile |");
    println!("|---|---:|---|---:|---:|---:|");

    let new: Vec<_> = (0..CALLS).map(new_order).collect();
    let one = held.by(&held.insert).insert(new_order(7)).await?;
    let other = new_order(7).insert(&db).await?;
    assert_eq!(Order { id: one.id, ..other }, one);
    let times = interleaved(
        &new,
        async |new: NewOrder| Ok(new.insert(&db).await?),
        async |new: NewOrder| pooled!(pooled, INSERT, insert, new),
        async |new: NewOrder| Ok(new.insert(&client).await?),
        async |new: NewOrder| held.by(&held.insert).insert(new).await,
    );
    print("insert one row", &times.await?, new.len());

    let new: Vec<Vec<_>> = vec![(0..ROWS).map(new_order).collect(); 2];
    let many = NewOrder::insert_many(new.concat(), &db).await?;
    let by_hand = held.by(&held.insert_many).insert_many(new.concat()).await?;
    assert!(many.iter().zip(&by_hand).all(|(one, other)| one.note == other.note));
    let times = interleaved(
        &new,
        async |new: Vec<NewOrder>| Ok(NewOrder::insert_many(new, &db).await?),
        async |new: Vec<NewOrder>| pooled!(pooled, INSERT_MANY, insert_many, new),
        async |new: Vec<NewOrder>| Ok(NewOrder::insert_many(new, &client).await?),
        async |new: Vec<NewOrder>| held.by(&held.insert_many).insert_many(new).await,
    );
    print("insert 1,000 rows", &times.await?, new.len());

    let orders = many.into_iter().take(CALLS).collect::<Vec<_>>();
    let times = interleaved(
        &orders,
        async |mut order: Order| Ok(order.update(&db).await.map(|()| 1)?),
        async |order: Order| pooled!(pooled, UPDATE, update, order),
        async |mut order: Order| Ok(order.update(&client).await.map(|()| 1)?),
        async |order: Order| held.by(&held.update).update(order).await,
    );
    print("update by id", &times.await?, orders.len());
    Ok(())
}

fn new_order(number: usize) -> NewOrder {
    let number = i32::try_from(number).unwrap_or_default();
    NewOrder {
        customer_id: 1 + i64::from(number) * 7919 % CUSTOMERS,
        quantity: number % 100,
        note: format!("to be delivered at door {number}"),
    }
}

async fn fill(client: &Client) -> Result<()> {
    client
        .batch_execute(&format!(
            "CREATE TABLE customers (
                 pk bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
                 name text NOT NULL
             );
             CREATE TABLE orders (
                 id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
                 customer_id bigint NOT NULL REFERENCES customers (pk),
                 quantity int NOT NULL,
                 note text NOT NULL
             ) WITH (autovacuum_enabled = false);
             INSERT INTO customers (name)
                 SELECT 'Customer ' || n FROM generate_series(1, {CUSTOMERS}) n;
             CREATE INDEX ON orders (customer_id);"
        ))
        .await?;
    client.batch_execute("VACUUM ANALYZE").await?;
    Ok(())
}

/// What one round took on each side: the library and the floor, pooled, and both held.
type Round = [Duration; 4];

/// Times the sides in turn. Who is first changes with each round, and the first four are not counted.
async fn interleaved<G: Clone, T>(
    given: &[G],
    library_pooled: impl AsyncFn(G) -> Result<T>,
    floor_pooled: impl AsyncFn(G) -> Result<T>,
    library_held: impl AsyncFn(G) -> Result<T>,
    floor_held: impl AsyncFn(G) -> Result<T>,
) -> Result<Vec<Round>> {
    let mut rounds = Vec::new();
    for number in 0..ROUNDS + 4 {
        let mut round = Round::default();
        for turn in 0..4 {
            let side = (number + turn) % 4;
            let time = match side {
                0 => time(given, &library_pooled).await?,
                1 => time(given, &floor_pooled).await?,
                2 => time(given, &library_held).await?,
                _ => time(given, &floor_held).await?,
            };
            if let Some(taken) = round.get_mut(side) {
                *taken = time;
            }
        }
        rounds.push(round);
    }
    Ok(rounds.split_off(4))
}

async fn time<G: Clone, T>(given: &[G], call: &impl AsyncFn(G) -> Result<T>) -> Result<Duration> {
    let given = given.to_vec();
    let start = Instant::now();
    for one in given {
        std::hint::black_box(call(one).await?);
    }
    Ok(start.elapsed())
}

fn print(call: &str, rounds: &[Round], calls: usize) {
    let calls = f64::from(u32::try_from(calls).unwrap_or(u32::MAX));
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
