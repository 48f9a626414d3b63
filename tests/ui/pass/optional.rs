//! The result of a relation: the target, an `Option`, or a `Vec`.

use relations::prelude::*;
use relations::{Database, Result};

#[derive(Debug, Entity)]
#[has_many(Order)]
#[has_one(Address)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Debug, Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
    #[belongs_to(Customer)]
    payer_id: std::option::Option<i64>,
    #[belongs_to(Customer, constraint = false)]
    referrer_id: i64,
}

#[derive(Debug, Entity)]
struct Address {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    #[unique]
    customer_id: i64,
}

async fn accessors(db: &Database, order: &Order, customer: &Customer) -> Result<()> {
    let _: Customer = order.customer(db).await?;
    let _: Option<Customer> = order.payer(db).await?;
    let _: Option<Customer> = order.referrer(db).await?;
    let _: Vec<Order> = customer.orders(db).await?;
    let _: Option<Address> = customer.address(db).await?;
    Ok(())
}

async fn many_sources(db: &Database, orders: &[Order], customers: &[Customer]) -> Result<()> {
    let _: Vec<Customer> = Order::CUSTOMER.load(db, orders).await?;
    let _: Vec<Option<Customer>> = Order::PAYER.load(db, orders.iter().skip(1)).await?;
    let _: Vec<Vec<Order>> = Customer::ORDERS.load(db, customers).await?;
    let _: Vec<Option<Address>> = Customer::ADDRESS.load(db, customers.first()).await?;
    Ok(())
}

fn is_send<T: Send>(_: T) {}

fn futures_are_send(db: &Database, order: &Order) {
    is_send(order.customer(db));
    is_send(Order::find().all(db));
    is_send(Order::CUSTOMER.of(order).optional(db));
}
