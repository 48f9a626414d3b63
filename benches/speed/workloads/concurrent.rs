//! A hundred accessors at once, as where a page resolves each of its rows by itself.

use futures_util::future::try_join_all;
use tokio_postgres::Statement;

use crate::Result;
use crate::data::{Customer, Order};
use crate::hand::{FIND_CUSTOMER, Held};
use crate::server::Server;
use crate::workload::Workload;

fn a_hundred<'a>(name: &str, title: &str, server: &Server) -> Accessors<'a> {
    let orders = server.orders.iter().take(100).cloned().collect();
    Workload::new(
        format!("concurrent/{name}"),
        format!("100 accessors at once, {title}"),
        vec![orders],
    )
    .rows(100)
}

type Accessors<'a> = Workload<'a, Vec<Order>, Vec<Customer>>;

pub(super) async fn on_one_connection(server: &Server) -> Result<Accessors<'_>> {
    let Server { db, client, pooled, held, .. } = server;
    let find = held.prepare(FIND_CUSTOMER).await?;
    Ok(a_hundred("one_connection", "on one connection", server)
        .library("held", async move |orders: Vec<Order>| {
            try_join_all(orders.iter().map(|order| order.customer(client))).await
        })
        .hand("held", async move |orders: Vec<Order>| {
            try_join_all(orders.iter().map(|order| held_customer(held, &find, order))).await
        })
        .library("pooled", async move |orders: Vec<Order>| {
            try_join_all(orders.iter().map(|order| order.customer(db))).await
        })
        .hand("pooled", async move |orders: Vec<Order>| {
            let find = async |order: &Order| pooled.one(FIND_CUSTOMER, &[&order.customer_id]).await;
            try_join_all(orders.iter().map(find)).await
        }))
}

/// Concurrent calls that share one statement, beside one statement for each.
pub(super) async fn batched(server: &Server) -> Result<Accessors<'_>> {
    let Server { db, held, .. } = server;
    let find = held.prepare(FIND_CUSTOMER).await?;
    let db = db.batched();
    Ok(a_hundred("batched", "through `db.batched()`, on one connection", server)
        .library("batched", async move |orders: Vec<Order>| {
            try_join_all(orders.iter().map(|order| order.customer(&db))).await
        })
        .hand("held", async move |orders: Vec<Order>| {
            try_join_all(orders.iter().map(|order| held_customer(held, &find, order))).await
        }))
}

/// Concurrent calls beside one statement for all, as it is written by hand where all orders are at
/// hand.
pub(super) fn beside_one_statement(server: &Server) -> Accessors<'_> {
    let Server { db, pooled, .. } = server;
    let db = db.batched();
    a_hundred("batch", "through `db.batched()`, to one statement for all", server)
        .library("batched", async move |orders: Vec<Order>| {
            try_join_all(orders.iter().map(|order| order.customer(&db))).await
        })
        .hand("one statement", async move |orders: Vec<Order>| pooled.customers_of(&orders).await)
}

async fn held_customer(held: &Held, find: &Statement, order: &Order) -> Result<Customer> {
    held.one(find, &[&order.customer_id]).await
}

pub(super) fn on_a_pool(server: &Server) -> Accessors<'_> {
    let Server { db, pooled, .. } = server;
    let connections = server.connections;
    a_hundred("pool", &format!("on a pool of {connections}"), server)
        .library("pooled", async move |orders: Vec<Order>| {
            try_join_all(orders.iter().map(|order| order.customer(db))).await
        })
        .hand("pooled", async move |orders: Vec<Order>| {
            let find = async |order: &Order| pooled.one(FIND_CUSTOMER, &[&order.customer_id]).await;
            try_join_all(orders.iter().map(find)).await
        })
        .library("pooled, to the fastest", async move |orders: Vec<Order>| {
            try_join_all(orders.iter().map(|order| order.customer(db))).await
        })
        .hand("pipelined on each connection", async move |orders: Vec<Order>| {
            let shares = orders.chunks(orders.len().div_ceil(connections));
            let found = shares.map(|orders| pooled.customers_at_once(orders));
            try_join_all(found).await.map(|shares| shares.concat())
        })
}
