//! An executor of one tenant, beside the same queries with the filter written by hand, and one that is also a
//! setting of each transaction, beside the same transaction by hand.

use relations::prelude::*;
use relations::{ConnectOptions, Database, NotIncluded};

use crate::Result;
use crate::data::{Line, Order};
use crate::hand::{FIND_OWN_ORDER, OWN_ORDERS};
use crate::server::Server;
use crate::workload::Workload;

/// An order as one of its customer, who stands for a tenant.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "orders")]
#[has_many(OwnLine, key_to = "order_id")]
pub(crate) struct OwnOrder {
    #[id(generated)]
    pub(crate) id: i64,
    #[tenant]
    pub(crate) customer_id: i64,
    pub(crate) quantity: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "lines", shared)]
pub(crate) struct OwnLine {
    #[id(generated)]
    pub(crate) id: i64,
    #[belongs_to(OwnOrder, constraint = false)]
    pub(crate) order_id: i64,
    pub(crate) price: i32,
}

/// The parts of an order that both entities of it have.
type Parts = (i64, i64, i32);

fn parts(order: &Order) -> Parts {
    (order.id, order.customer_id, order.quantity)
}

fn own_parts(order: &OwnOrder) -> Parts {
    (order.id, order.customer_id, order.quantity)
}

/// The orders of one customer.
async fn own_orders(server: &Server) -> Result<Vec<Order>> {
    let customer = server.orders.first().ok_or("there are no orders")?.customer_id;
    Ok(Order::find().filter(Order::CUSTOMER_ID.eq(customer)).all(&server.db).await?)
}

fn customer(orders: &[Order]) -> Result<i64> {
    Ok(orders.first().ok_or("the customer has no orders")?.customer_id)
}

pub(super) async fn by_id(server: &Server) -> Result<Workload<'_, Order, Parts>> {
    let orders = own_orders(server).await?;
    let (db, customer) = (&server.db, customer(&orders)?);
    let own = db.tenant(customer);
    Ok(Workload::new("tenants/by_id", "a row of a tenant by its id", orders)
        .library("the executor of the tenant", async move |order: Order| {
            OwnOrder::find_by_id(order.id).one(&own).await.map(|order| own_parts(&order))
        })
        .hand("the filter by hand", async move |order: Order| {
            let own = Order::CUSTOMER_ID.eq(customer);
            Order::find_by_id(order.id).filter(own).one(db).await.map(|order| parts(&order))
        }))
}

pub(super) async fn rows(server: &Server) -> Result<Workload<'_, (), Vec<Parts>>> {
    let orders = own_orders(server).await?;
    let (db, customer) = (&server.db, customer(&orders)?);
    let own = db.tenant(customer);
    Ok(Workload::new("tenants/rows", "the ten orders of a tenant", vec![()])
        .rows(10)
        .library("the executor of the tenant", async move |()| {
            let orders = OwnOrder::find().order_by(OwnOrder::ID.asc()).all(&own).await;
            orders.map(|orders| orders.iter().map(own_parts).collect())
        })
        .hand("the filter by hand", async move |()| {
            let own = Order::find().filter(Order::CUSTOMER_ID.eq(customer));
            let orders = own.order_by(Order::ID.asc()).all(db).await;
            orders.map(|orders| orders.iter().map(parts).collect())
        }))
}

pub(super) async fn with_lines(server: &Server) -> Result<Workload<'_, (), Vec<(Parts, usize)>>> {
    type Full = OwnOrderWith<Vec<OwnLine>>;
    type HandFull = crate::data::OrderWith<NotIncluded, Vec<Line>>;

    let orders = own_orders(server).await?;
    let (db, customer) = (&server.db, customer(&orders)?);
    let own = db.tenant(customer);
    Ok(Workload::new("tenants/with_lines", "the ten orders of a tenant with their lines", vec![()])
        .rows(10)
        .library("the executor of the tenant", async move |()| {
            let orders = OwnOrder::find().order_by(OwnOrder::ID.asc());
            let orders = orders.include(OwnOrder::OWN_LINES).all(&own).await?;
            let parts = |order: Full| (own_parts(&order), order.own_lines.len());
            Ok::<_, relations::Error>(orders.into_iter().map(parts).collect())
        })
        .hand("the filter by hand", async move |()| {
            let own = Order::find().filter(Order::CUSTOMER_ID.eq(customer));
            let orders = own.order_by(Order::ID.asc()).include(Order::LINES).all(db).await?;
            let full = |order: HandFull| (parts(&order), order.lines.len());
            Ok::<_, relations::Error>(orders.into_iter().map(full).collect())
        }))
}

/// A database whose transactions have their tenant as a setting, for policies of row-level security.
pub(super) async fn with_setting(url: &str) -> Result<Database> {
    Ok(ConnectOptions::new(url).pool_size(1).tenant_setting("app.tenant").connect().await?)
}

pub(super) async fn by_id_with_setting<'a>(
    server: &'a Server,
    db: &'a Database,
) -> Result<Workload<'a, Order, Parts>> {
    let orders = own_orders(server).await?;
    let (pooled, customer) = (&server.pooled, customer(&orders)?);
    let own = db.tenant(customer);
    Ok(Workload::new("tenants/setting_by_id", "a row by its id, for row-level security", orders)
        .library("the executor of the tenant", async move |order: Order| {
            OwnOrder::find_by_id(order.id).one(&own).await.map(|order| own_parts(&order))
        })
        .hand("`BEGIN`, `set_config`, the query and `COMMIT`", async move |order: Order| {
            let found =
                pooled.all_of_tenant(customer, FIND_OWN_ORDER, &[&order.id, &customer]).await?;
            Result::Ok(parts(found.first().ok_or("no order")?))
        }))
}

pub(super) async fn rows_with_setting<'a>(
    server: &'a Server,
    db: &'a Database,
) -> Result<Workload<'a, (), Vec<Parts>>> {
    let orders = own_orders(server).await?;
    let (pooled, customer) = (&server.pooled, customer(&orders)?);
    let own = db.tenant(customer);
    Ok(Workload::new("tenants/setting_rows", "the ten orders, for row-level security", vec![()])
        .rows(10)
        .library("the executor of the tenant", async move |()| {
            let orders = OwnOrder::find().order_by(OwnOrder::ID.asc()).all(&own).await;
            orders.map(|orders| orders.iter().map(own_parts).collect())
        })
        .hand("`BEGIN`, `set_config`, the query and `COMMIT`", async move |()| {
            let orders: Vec<Order> =
                pooled.all_of_tenant(customer, OWN_ORDERS, &[&customer]).await?;
            Result::Ok(orders.iter().map(parts).collect())
        }))
}
