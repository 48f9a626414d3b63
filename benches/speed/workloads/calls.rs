//! One row at a time.

use relations::prelude::*;

use crate::Result;
use crate::data::{Customer, Order};
use crate::hand::{CUSTOMER_OF_ORDER, FIND_CUSTOMER, FIND_ORDER};
use crate::server::Server;
use crate::workload::Workload;

pub(super) async fn find_by_id(server: &Server) -> Result<Workload<'_, Order, Order>> {
    let Server { db, client, bare, pooled, held, .. } = server;
    let find = held.prepare(FIND_ORDER).await?;
    Ok(Workload::new("calls/find_by_id", "`find_by_id`", server.orders.clone())
        .library("pooled", async move |order: Order| Order::find_by_id(order.id).one(db).await)
        .hand("pooled", async move |order: Order| pooled.one(FIND_ORDER, &[&order.id]).await)
        .library("held", async move |order: Order| Order::find_by_id(order.id).one(client).await)
        .hand("held", async move |order: Order| held.one(&find, &[&order.id]).await)
        .library("bare", async move |order: Order| Order::find_by_id(order.id).one(bare).await))
}

pub(super) async fn accessor(server: &Server) -> Result<Workload<'_, Order, Customer>> {
    let Server { db, client, bare, pooled, held, .. } = server;
    let find = held.prepare(FIND_CUSTOMER).await?;
    Ok(Workload::new("calls/accessor", "accessor", server.orders.clone())
        .library("pooled", async move |order: Order| order.customer(db).await)
        .hand("pooled", async move |order: Order| {
            pooled.one(FIND_CUSTOMER, &[&order.customer_id]).await
        })
        .library("held", async move |order: Order| order.customer(client).await)
        .hand("held", async move |order: Order| held.one(&find, &[&order.customer_id]).await)
        .library("bare", async move |order: Order| order.customer(bare).await))
}

pub(super) async fn of_id(server: &Server) -> Result<Workload<'_, Order, Customer>> {
    let Server { db, client, pooled, held, .. } = server;
    let find = held.prepare(CUSTOMER_OF_ORDER).await?;
    Ok(Workload::new("calls/of_id", "`of_id`", server.orders.clone())
        .library("pooled", async move |order: Order| Order::CUSTOMER.of_id(order.id).one(db).await)
        .hand("pooled", async move |order: Order| pooled.one(CUSTOMER_OF_ORDER, &[&order.id]).await)
        .library("held", async move |order: Order| {
            Order::CUSTOMER.of_id(order.id).one(client).await
        })
        .hand("held", async move |order: Order| held.one(&find, &[&order.id]).await))
}

pub(super) async fn accessors_in_turn(
    server: &Server,
) -> Result<Workload<'_, Vec<Order>, Vec<Customer>>> {
    let Server { db, client, pooled, held, .. } = server;
    let find = held.prepare(FIND_CUSTOMER).await?;
    let orders: Vec<Order> = server.orders.iter().take(100).cloned().collect();
    let workload =
        Workload::new("calls/accessors_in_turn", "100 accessors, one after another", vec![orders]);
    Ok(workload
        .rows(100)
        .library("pooled", async move |orders: Vec<Order>| {
            in_turn(orders, async |order| order.customer(db).await).await
        })
        .hand("pooled", async move |orders: Vec<Order>| {
            let find = async |order: Order| pooled.one(FIND_CUSTOMER, &[&order.customer_id]).await;
            in_turn(orders, find).await
        })
        .library("held", async move |orders: Vec<Order>| {
            in_turn(orders, async |order| order.customer(client).await).await
        })
        .hand("held", async move |orders: Vec<Order>| {
            in_turn(orders, async |order| held.one(&find, &[&order.customer_id]).await).await
        }))
}

async fn in_turn<E>(
    orders: Vec<Order>,
    customer: impl AsyncFn(Order) -> std::result::Result<Customer, E>,
) -> std::result::Result<Vec<Customer>, E> {
    let mut customers = Vec::with_capacity(orders.len());
    for order in orders {
        customers.push(customer(order).await?);
    }
    Ok(customers)
}
