//! Rows with what they are related to: each strategy beside the same by hand, and the library's own
//! choice beside the fastest of them.

use relations::prelude::*;

use crate::data::{
    Category, CategoryAndParents, CountedCustomer, Customer, CustomerAndOrders, Line, LineAndOrder,
    ORDERS, Order, OrderAndCustomer, OrderAndProducts,
};
use crate::report::{THE_RULE, in_thousands};
use crate::server::Server;
use crate::workload::Workload;

type Load<'a, T> = Workload<'a, (), T>;

fn load<'a, T: PartialEq>(group: &str, name: &str, title: &str, server: &Server) -> Load<'a, T> {
    let title = format!("{title}, {}", server.place);
    Workload::new(format!("{group}/{name}"), title, vec![()]).countable(!server.is_high_latency())
}

fn load_many<'a, T: PartialEq>(
    group: &str,
    name: &str,
    count: u32,
    title: &str,
    server: &Server,
) -> Load<'a, T> {
    let title = format!("{} {title}", in_thousands(count));
    load(group, &format!("{name}_{count}"), &title, server).rows(count)
}

pub(super) fn order_by_id<'a>(group: &str, server: &'a Server) -> Load<'a, OrderAndCustomer> {
    let Server { db, pooled, .. } = server;
    let id = ORDERS / 2;
    let order = move || Order::find_by_id(id);
    load(group, "order_by_id", "an order by its id with its customer", server)
        .library("joined", async move |()| order().include(Order::CUSTOMER.joined()).one(db).await)
        .hand("joined", async move |()| pooled.order_joined(id).await)
        .library("batched", async move |()| {
            order().include(Order::CUSTOMER.batched()).one(db).await
        })
        .hand("batched", async move |()| pooled.order_batched(id).await)
        .library("pipelined", async move |()| {
            order().include(Order::CUSTOMER.pipelined()).one(db).await
        })
        .hand("pipelined", async move |()| pooled.order_pipelined(id).await)
        .library(THE_RULE, async move |()| order().include(Order::CUSTOMER).one(db).await)
}

pub(super) fn orders<'a>(
    group: &str,
    server: &'a Server,
    count: u32,
) -> Load<'a, Vec<OrderAndCustomer>> {
    let Server { db, pooled, .. } = server;
    let hand = pooled.orders(count);
    let orders = move || Order::find().order_by(Order::ID.asc()).limit(count.into());
    let title = if count == 1 { "order with its customer" } else { "orders with their customers" };
    load_many(group, "orders", count, title, server)
        .library("joined", async move |()| orders().include(Order::CUSTOMER.joined()).all(db).await)
        .hand("joined", async move |()| hand.joined().await)
        .library("batched", async move |()| {
            orders().include(Order::CUSTOMER.batched()).all(db).await
        })
        .hand("batched", async move |()| hand.batched().await)
        .library("pipelined", async move |()| {
            orders().include(Order::CUSTOMER.pipelined()).all(db).await
        })
        .hand("pipelined", async move |()| hand.pipelined().await)
        .library(THE_RULE, async move |()| orders().include(Order::CUSTOMER).all(db).await)
}

pub(super) fn lines<'a>(
    group: &str,
    server: &'a Server,
    count: u32,
) -> Load<'a, Vec<LineAndOrder>> {
    let Server { db, pooled, .. } = server;
    let hand = pooled.lines(count);
    let lines = move || Line::find().order_by(Line::ID.asc()).limit(count.into());
    load_many(group, "lines", count, "lines with their orders and customers", server)
        .library("joined", async move |()| {
            let order = Line::ORDER.joined().include(Order::CUSTOMER.joined());
            lines().include(order).all(db).await
        })
        .hand("joined", async move |()| hand.joined().await)
        .library("batched", async move |()| {
            let order = Line::ORDER.batched().include(Order::CUSTOMER.batched());
            lines().include(order).all(db).await
        })
        .hand("batched", async move |()| hand.batched().await)
        .library("pipelined", async move |()| {
            let order = Line::ORDER.pipelined().include(Order::CUSTOMER.pipelined());
            lines().include(order).all(db).await
        })
        .hand("pipelined", async move |()| hand.pipelined().await)
        .library(THE_RULE, async move |()| {
            lines().include(Line::ORDER.include(Order::CUSTOMER)).all(db).await
        })
}

pub(super) fn categories<'a>(
    group: &str,
    server: &'a Server,
    count: u32,
) -> Load<'a, Vec<CategoryAndParents>> {
    let Server { db, pooled, .. } = server;
    let hand = pooled.categories(count);
    let categories = move || Category::find().order_by(Category::ID.asc()).limit(count.into());
    load_many(group, "categories", count, "categories with parents and grandparents", server)
        .library("joined", async move |()| {
            let parent = Category::PARENT.joined().include(Category::PARENT.joined());
            categories().include(parent).all(db).await
        })
        .hand("joined", async move |()| hand.joined().await)
        .library("batched", async move |()| {
            let parent = Category::PARENT.batched().include(Category::PARENT.batched());
            categories().include(parent).all(db).await
        })
        .hand("batched", async move |()| hand.batched().await)
        .library("pipelined", async move |()| {
            let parent = Category::PARENT.pipelined().include(Category::PARENT.pipelined());
            categories().include(parent).all(db).await
        })
        .hand("pipelined", async move |()| hand.pipelined().await)
        .library(THE_RULE, async move |()| {
            categories().include(Category::PARENT.include(Category::PARENT)).all(db).await
        })
}

pub(super) fn customers<'a>(
    group: &str,
    server: &'a Server,
    count: u32,
) -> Load<'a, Vec<CustomerAndOrders>> {
    let Server { db, pooled, .. } = server;
    let hand = pooled.customers(count);
    let customers = move || Customer::find().order_by(Customer::PK.asc()).limit(count.into());
    load_many(group, "customers", count, "customers with their ten orders each", server)
        .library("batched", async move |()| {
            customers().include(Customer::ORDERS.batched()).all(db).await
        })
        .hand("batched", async move |()| hand.batched().await)
        .library("pipelined", async move |()| {
            customers().include(Customer::ORDERS.pipelined()).all(db).await
        })
        .hand("pipelined", async move |()| hand.pipelined().await)
        .library(THE_RULE, async move |()| customers().include(Customer::ORDERS).all(db).await)
}

pub(super) fn largest_orders<'a>(
    group: &str,
    server: &'a Server,
    count: u32,
) -> Load<'a, Vec<CustomerAndOrders>> {
    let Server { db, pooled, .. } = server;
    let hand = pooled.largest_orders(count);
    let customers = move || Customer::find().order_by(Customer::PK.asc()).limit(count.into());
    let largest = || Customer::ORDERS.order_by(Order::QUANTITY.desc()).limit(3);
    load_many(group, "largest", count, "customers with their three largest orders", server)
        .library("batched", async move |()| customers().include(largest().batched()).all(db).await)
        .hand("batched", async move |()| hand.batched().await)
        .library("pipelined", async move |()| {
            customers().include(largest().pipelined()).all(db).await
        })
        .hand("pipelined", async move |()| hand.pipelined().await)
        .library(THE_RULE, async move |()| customers().include(largest()).all(db).await)
}

pub(super) fn products<'a>(
    group: &str,
    server: &'a Server,
    count: u32,
) -> Load<'a, Vec<OrderAndProducts>> {
    let Server { db, pooled, .. } = server;
    let hand = pooled.products(count);
    let orders = move || Order::find().order_by(Order::ID.asc()).limit(count.into());
    load_many(group, "through", count, "orders with their products, through lines", server)
        .library("batched", async move |()| {
            orders().include(Order::PRODUCTS.batched()).all(db).await
        })
        .hand("batched", async move |()| hand.batched().await)
        .library("pipelined", async move |()| {
            orders().include(Order::PRODUCTS.pipelined()).all(db).await
        })
        .hand("pipelined", async move |()| hand.pipelined().await)
        .library(THE_RULE, async move |()| orders().include(Order::PRODUCTS).all(db).await)
}

pub(super) fn counts<'a>(
    group: &str,
    server: &'a Server,
    count: u32,
) -> Load<'a, Vec<CountedCustomer>> {
    let Server { db, pooled, .. } = server;
    let hand = pooled.counts(count);
    let customers = move || Customer::find().order_by(Customer::PK.asc()).limit(count.into());
    let orders = || Customer::ORDERS.count();
    load_many(group, "counts", count, "customers with the number of their orders", server)
        .library("joined", async move |()| customers().include(orders().joined()).all(db).await)
        .hand("joined", async move |()| hand.joined().await)
        .library("batched", async move |()| customers().include(orders().batched()).all(db).await)
        .hand("batched", async move |()| hand.batched().await)
        .library("pipelined", async move |()| {
            customers().include(orders().pipelined()).all(db).await
        })
        .hand("pipelined", async move |()| hand.pipelined().await)
        .library(THE_RULE, async move |()| customers().include(orders()).all(db).await)
}
