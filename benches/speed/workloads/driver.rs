//! Connections that their caller drives, beside those that a spawned task drives, as tokio-postgres has it.

use futures_util::future::try_join;
use relations::prelude::*;
use relations::{ConnectOptions, Database};

use crate::Result;
use crate::data::Order;
use crate::server::Server;
use crate::workload::Workload;

const CALLER: &str = "the caller drives";
const TASK: &str = "a task drives";

/// A database with one connection, which a task drives: two calls have waited for it at once.
async fn driven_by_a_task(server: &Server, url: &str) -> Result<Database> {
    let db = ConnectOptions::new(url).pool_size(1).connect().await?;
    let transaction = db.begin().await?;
    let id = server.orders.first().ok_or("there is no order")?.id;
    let find = || Order::find_by_id(id).one(&transaction);
    try_join(find(), find()).await?;
    transaction.commit().await?;
    Ok(db)
}

pub(super) async fn find_by_id<'a>(
    server: &'a Server,
    url: &str,
) -> Result<Workload<'a, Order, Order>> {
    let (db, by_task) = (&server.db, driven_by_a_task(server, url).await?);
    Ok(Workload::new("driver/find_by_id", "`find_by_id`", server.orders.clone())
        .library(CALLER, async move |order: Order| Order::find_by_id(order.id).one(db).await)
        .hand(TASK, async move |order: Order| Order::find_by_id(order.id).one(&by_task).await))
}

pub(super) async fn with_lines<'a>(
    server: &'a Server,
    url: &str,
) -> Result<Workload<'a, Order, usize>> {
    let (db, by_task) = (&server.db, driven_by_a_task(server, url).await?);
    Ok(Workload::new("driver/with_lines", "an order with its lines", server.orders.clone())
        .library(CALLER, async move |order: Order| lines(order, db).await)
        .hand(TASK, async move |order: Order| lines(order, &by_task).await))
}

async fn lines(order: Order, db: &Database) -> relations::Result<usize> {
    let order = Order::find_by_id(order.id).include(Order::LINES.batched()).one(db).await?;
    Ok(order.lines.len())
}
