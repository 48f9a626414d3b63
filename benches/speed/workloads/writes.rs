//! Rows that are written. By hand many are inserted as the library does it, from one array a column.

use relations::prelude::*;
use tokio_postgres::Statement;

use crate::Result;
use crate::data::{CUSTOMERS, Delivery, NewDelivery};
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
