//! Rows that are written. By hand many are inserted as the library does it, from one array a column.

use relations::prelude::*;
use tokio_postgres::Statement;

use crate::Result;
use crate::data::{CUSTOMERS, Delivery, NewDelivery, NewStock, Stock};
use crate::hand::{Held, Pooled};
use crate::server::Server;
use crate::workload::Workload;

const INSERT: &str = "INSERT INTO deliveries (customer_id, quantity, note) VALUES ($1, $2, $3) \
                      RETURNING id, customer_id, quantity, note";
const INSERT_MANY: &str = "INSERT INTO deliveries (customer_id, quantity, note) \
                           SELECT * FROM unnest($1::int8[], $2::int4[], $3::text[]) \
                           RETURNING id, customer_id, quantity, note";
const UPDATE: &str =
    "UPDATE deliveries SET customer_id = $1, quantity = $2, note = $3 WHERE id = $4";
const UPDATE_MANY: &str = "UPDATE deliveries SET customer_id = new.customer_id, quantity = new.quantity, \
                           note = new.note FROM unnest($1::int8[], $2::int4[], $3::text[], $4::int8[]) \
                           AS new (customer_id, quantity, note, id) WHERE deliveries.id = new.id";
const UPSERT_MANY: &str = "INSERT INTO stocks (product_id, quantity, note) \
                           SELECT * FROM unnest($1::int8[], $2::int4[], $3::text[]) \
                           ON CONFLICT (product_id) DO UPDATE \
                           SET quantity = excluded.quantity, note = excluded.note";
const FIND: &str = "SELECT id, customer_id, quantity, note FROM deliveries WHERE id = $1";

/// Rows that are not there yet.
fn new_deliveries(count: i32) -> Vec<NewDelivery> {
    let new = (0..count).map(|number| NewDelivery {
        customer_id: 1 + i64::from(number) * 7919 % CUSTOMERS,
        quantity: number % 100,
        note: format!("to be delivered at door {number}"),
    });
    new.collect()
}

/// Both sides return equal rows, except for the generated ids.
fn without_id(delivery: Delivery) -> Delivery {
    Delivery { id: 0, ..delivery }
}

fn without_ids(mut deliveries: Vec<Delivery>) -> Vec<Delivery> {
    for delivery in &mut deliveries {
        delivery.id = 0;
    }
    deliveries
}

/// A table without rows, whatever was written there before.
async fn empty(held: &Held) -> Result<()> {
    held.run("TRUNCATE deliveries").await
}

pub(super) async fn insert(server: &Server) -> Result<Workload<'_, NewDelivery, Delivery>> {
    let Server { db, client, pooled, held, .. } = server;
    empty(held).await?;
    let insert = held.prepare(INSERT).await?;
    let new = new_deliveries(200);
    Ok(Workload::new("writes/insert", "insert a row and give it back", new)
        .library("pooled", async move |new: NewDelivery| new.insert(db).await.map(without_id))
        .hand("pooled", async move |new: NewDelivery| {
            let values = [&new.customer_id as _, &new.quantity as _, &new.note as _];
            pooled.one(INSERT, &values).await.map(without_id)
        })
        .library("held", async move |new: NewDelivery| new.insert(client).await.map(without_id))
        .hand("held", async move |new: NewDelivery| {
            let values = [&new.customer_id as _, &new.quantity as _, &new.note as _];
            held.one(&insert, &values).await.map(without_id)
        }))
}

type Many = Vec<NewDelivery>;

pub(super) async fn insert_many(server: &Server) -> Result<Workload<'_, Many, Vec<Delivery>>> {
    let Server { db, client, pooled, held, .. } = server;
    empty(held).await?;
    let insert = held.prepare(INSERT_MANY).await?;
    let new = vec![new_deliveries(1_000)];
    Ok(Workload::new("writes/insert_1000", "insert 1,000 rows and give them back", new)
        .rows(1_000)
        .library("pooled", async move |new: Many| {
            NewDelivery::insert_many(new, db).await.map(without_ids)
        })
        .hand("pooled", async move |new: Many| {
            let (customers, quantities, notes) = columns(&new);
            let values = [&customers as _, &quantities as _, &notes as _];
            pooled.all(INSERT_MANY, &values).await.map(without_ids)
        })
        .library("held", async move |new: Many| {
            NewDelivery::insert_many(new, client).await.map(without_ids)
        })
        .hand("held", async move |new: Many| {
            let (customers, quantities, notes) = columns(&new);
            let values = [&customers as _, &quantities as _, &notes as _];
            held.all(&insert, &values).await.map(without_ids)
        }))
}

/// The rows to insert, as one array a column.
fn columns(new: &[NewDelivery]) -> (Vec<i64>, Vec<i32>, Vec<&str>) {
    let customers = new.iter().map(|new| new.customer_id).collect();
    let quantities = new.iter().map(|new| new.quantity).collect();
    (customers, quantities, new.iter().map(|new| new.note.as_str()).collect())
}

pub(super) async fn update(server: &Server) -> Result<Workload<'_, Delivery, u64>> {
    let Server { db, client, pooled, held, .. } = server;
    empty(held).await?;
    let update = held.prepare(UPDATE).await?;
    let deliveries = NewDelivery::insert_many(new_deliveries(200), db).await?;
    both_update(server, &deliveries).await?;
    Ok(Workload::new("writes/update", "update a row by its id", deliveries)
        .library("pooled", async move |mut new: Delivery| new.update(db).await.map(|()| 1))
        .hand("pooled", async move |new: Delivery| updated(pooled, new).await)
        .library("held", async move |mut new: Delivery| new.update(client).await.map(|()| 1))
        .hand("held", async move |new: Delivery| held_updated(held, &update, new).await))
}

/// Rows that have other values each time: what did not change is written as well.
pub(super) async fn update_many(server: &Server) -> Result<Workload<'_, Vec<Delivery>, u64>> {
    let Server { db, pooled, held, .. } = server;
    empty(held).await?;
    let deliveries = NewDelivery::insert_many(new_deliveries(1_000), db).await?;
    Ok(Workload::new(
        "writes/update_1000",
        "update 1,000 rows with different values",
        vec![deliveries],
    )
    .rows(1_000)
    .library("pooled", async move |mut new: Vec<Delivery>| {
        Delivery::update_many(&mut new, db).await.map(|()| 1_000)
    })
    .hand("pooled", async move |new: Vec<Delivery>| {
        let customers: Vec<i64> = new.iter().map(|new| new.customer_id).collect();
        let quantities: Vec<i32> = new.iter().map(|new| new.quantity).collect();
        let notes: Vec<&str> = new.iter().map(|new| new.note.as_str()).collect();
        let ids: Vec<i64> = new.iter().map(|new| new.id).collect();
        let values = [&customers as _, &quantities as _, &notes as _, &ids as _];
        pooled.execute(UPDATE_MANY, &values).await
    }))
}

pub(super) async fn upsert_many(server: &Server) -> Result<Workload<'_, Vec<NewStock>, u64>> {
    let Server { db, pooled, held, .. } = server;
    held.run("TRUNCATE stocks").await?;
    let new = (0..1_000_i32).map(|number| NewStock {
        product_id: i64::from(number) * 3,
        quantity: number % 100,
        note: format!("on shelf {number}"),
    });
    let title = "insert 1,000 rows, or update those that are there";
    Ok(Workload::new("writes/upsert_1000", title, vec![new.collect()])
        .rows(1_000)
        .library("pooled", async move |new: Vec<NewStock>| {
            let upsert = NewStock::insert_many(new, db).on_conflict(Stock::PRODUCT_ID);
            upsert.update((Stock::QUANTITY, Stock::NOTE)).execute().await
        })
        .hand("pooled", async move |new: Vec<NewStock>| {
            let products: Vec<i64> = new.iter().map(|new| new.product_id).collect();
            let quantities: Vec<i32> = new.iter().map(|new| new.quantity).collect();
            let notes: Vec<&str> = new.iter().map(|new| new.note.as_str()).collect();
            let values = [&products as _, &quantities as _, &notes as _];
            pooled.execute(UPSERT_MANY, &values).await
        }))
}

async fn updated(pooled: &Pooled, new: Delivery) -> Result<u64> {
    let Delivery { id, customer_id, quantity, note } = new;
    pooled.execute(UPDATE, &[&customer_id, &quantity, &note, &id]).await
}

async fn held_updated(held: &Held, update: &Statement, new: Delivery) -> Result<u64> {
    let Delivery { id, customer_id, quantity, note } = new;
    held.execute(update, &[&customer_id, &quantity, &note, &id]).await
}

/// An update tells only that there was a row; that both sides write the same is seen here.
async fn both_update(server: &Server, deliveries: &[Delivery]) -> Result<()> {
    let Server { db, pooled, .. } = server;
    for delivery in deliveries.iter().take(10) {
        let mut by_library = Delivery { quantity: -1, ..delivery.clone() };
        by_library.update(db).await?;
        assert_eq!(pooled.one::<Delivery>(FIND, &[&delivery.id]).await?, by_library);
        updated(pooled, delivery.clone()).await?;
        assert_eq!(&pooled.one::<Delivery>(FIND, &[&delivery.id]).await?, delivery);
    }
    Ok(())
}
