//! Loads of relations to many, and counts of them.

use std::collections::HashMap;

use tokio_postgres::Row;

use super::{COUNTS_OF, PRODUCTS_OF};
use crate::Result;
use crate::data::{
    CountedCustomer, Customer, CustomerAndOrders, Order, OrderAndProducts, Product, customer_with,
    order_with_products,
};
use crate::hand::{FromRow, Pooled, all, rows};

/// Customers with orders of theirs.
#[derive(Clone, Copy)]
pub(crate) struct Customers<'a> {
    pub(super) pool: &'a Pooled,
    pub(super) sources: &'static str,
    pub(super) targets_of: &'static str,
    pub(super) targets: &'static str,
}

impl Customers<'_> {
    pub(crate) async fn batched(&self) -> Result<Vec<CustomerAndOrders>> {
        let client = self.pool.connection().await?;
        let customers: Vec<Customer> = all(&client, self.sources, &[]).await?;
        let keys: Vec<i64> = customers.iter().map(|customer| customer.pk).collect();
        let orders = rows(&client, self.targets_of, &[&keys]).await?;
        with_their_orders(customers, &orders)
    }

    pub(crate) async fn pipelined(&self) -> Result<Vec<CustomerAndOrders>> {
        let client = self.pool.connection().await?;
        let (customers, orders) =
            tokio::try_join!(all(&client, self.sources, &[]), rows(&client, self.targets, &[]),)?;
        with_their_orders(customers, &orders)
    }
}

fn with_their_orders(customers: Vec<Customer>, orders: &[Row]) -> Result<Vec<CustomerAndOrders>> {
    let places = places_of(customers.iter().map(|customer| customer.pk));
    let alone = |customer| customer_with(customer, Vec::new());
    let mut customers: Vec<CustomerAndOrders> = customers.into_iter().map(alone).collect();
    for row in orders {
        let order = Order::read(row, 0)?;
        let place = places.get(&order.customer_id);
        if let Some(customer) = place.and_then(|place| customers.get_mut(*place)) {
            customer.orders.push(order);
        }
    }
    Ok(customers)
}

/// Maps each key to the position of its source.
fn places_of(keys: impl Iterator<Item = i64>) -> HashMap<i64, usize> {
    keys.enumerate().map(|(place, key)| (key, place)).collect()
}

/// Orders with the products that their lines lead to.
#[derive(Clone, Copy)]
pub(crate) struct Products<'a> {
    pub(super) pool: &'a Pooled,
    pub(super) sources: &'static str,
    pub(super) targets: &'static str,
}

impl Products<'_> {
    pub(crate) async fn batched(&self) -> Result<Vec<OrderAndProducts>> {
        let client = self.pool.connection().await?;
        let orders: Vec<Order> = all(&client, self.sources, &[]).await?;
        let keys: Vec<i64> = orders.iter().map(|order| order.id).collect();
        let products = rows(&client, PRODUCTS_OF, &[&keys]).await?;
        with_products(orders, &products)
    }

    pub(crate) async fn pipelined(&self) -> Result<Vec<OrderAndProducts>> {
        let client = self.pool.connection().await?;
        let (orders, products) =
            tokio::try_join!(all(&client, self.sources, &[]), rows(&client, self.targets, &[]),)?;
        with_products(orders, &products)
    }
}

fn with_products(orders: Vec<Order>, products: &[Row]) -> Result<Vec<OrderAndProducts>> {
    let places = places_of(orders.iter().map(|order| order.id));
    let alone = |order| order_with_products(order, Vec::new());
    let mut orders: Vec<OrderAndProducts> = orders.into_iter().map(alone).collect();
    for row in products {
        let place = places.get(&row.try_get(0)?);
        if let Some(order) = place.and_then(|place| orders.get_mut(*place)) {
            order.products.push(Product::read(row, 1)?);
        }
    }
    Ok(orders)
}

/// Customers with the number of their orders.
#[derive(Clone, Copy)]
pub(crate) struct Counts<'a> {
    pub(super) pool: &'a Pooled,
    pub(super) sources: &'static str,
    pub(super) joined: &'static str,
    pub(super) targets: &'static str,
}

impl Counts<'_> {
    pub(crate) async fn joined(&self) -> Result<Vec<CountedCustomer>> {
        let client = self.pool.connection().await?;
        let rows = rows(&client, self.joined, &[]).await?;
        let read = |row: &Row| Ok(customer_with(Customer::read(row, 0)?, row.try_get(3)?));
        rows.iter().map(read).collect()
    }

    pub(crate) async fn batched(&self) -> Result<Vec<CountedCustomer>> {
        let client = self.pool.connection().await?;
        let customers: Vec<Customer> = all(&client, self.sources, &[]).await?;
        let keys: Vec<i64> = customers.iter().map(|customer| customer.pk).collect();
        let counts = rows(&client, COUNTS_OF, &[&keys]).await?;
        counted(customers, &counts)
    }

    pub(crate) async fn pipelined(&self) -> Result<Vec<CountedCustomer>> {
        let client = self.pool.connection().await?;
        let (customers, counts) =
            tokio::try_join!(all(&client, self.sources, &[]), rows(&client, self.targets, &[]),)?;
        counted(customers, &counts)
    }
}

fn counted(customers: Vec<Customer>, counts: &[Row]) -> Result<Vec<CountedCustomer>> {
    let counts = counts.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    let counts: HashMap<i64, i64> = counts.collect::<Result<_>>()?;
    let whole = customers.into_iter().map(|customer| {
        let orders = counts.get(&customer.pk).copied().unwrap_or_default();
        customer_with(customer, orders)
    });
    Ok(whole.collect())
}
