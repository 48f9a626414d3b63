//! A whole tree of includes in one round trip.

use relations::Result;
use relations::prelude::*;

use crate::data::{Customer, Line, LineWith, Order, OrderWith, Product};
use crate::server::Server;
use crate::workload::Workload;

type OrderTree = OrderWith<Customer, Vec<LineWith<relations::NotIncluded, Product>>>;

/// Orders with all there is to them, beside a single query for the orders alone: what the other three
/// statements add where the server is far. Both sides give the orders.
pub(super) fn beside_its_sources<'a>(
    group: &str,
    server: &'a Server,
) -> Workload<'a, (), Vec<Order>> {
    let Server { db, pooled, place, .. } = server;
    let alone = pooled.orders(20);
    let title =
        format!("20 orders with customers, lines and products, {place}, to the orders alone");
    Workload::new(format!("{group}/tree"), title, vec![()])
        .rows(20)
        .countable(!server.is_high_latency())
        .library("pipelined", async move |()| {
            let lines = Order::LINES.pipelined().include(Line::PRODUCT.pipelined());
            let orders = Order::find().order_by(Order::ID.asc()).limit(20);
            let orders = orders.include(Order::CUSTOMER.pipelined()).include(lines);
            let trees: Result<Vec<OrderTree>> = orders.all(db).await;
            trees.map(|trees| trees.into_iter().map(OrderWith::into_inner).collect())
        })
        .hand("a single query", async move |()| alone.alone().await)
}
