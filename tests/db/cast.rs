//! The cast: customers place orders, which have lines of products.
//!
//! A customer's `pk` is not the `id` that it also has, and the two overlap, so that a relation
//! which compares the wrong one shows.

use ::relations::prelude::*;
use ::relations::{Database, Executor};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Order, key_from = "pk")]
pub struct Customer {
    #[id]
    pub id: i64,
    #[unique]
    pub pk: i64,
    pub name: String,
    #[unique]
    pub email: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Line)]
pub struct Order {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Customer, key_to = "pk", on_delete = "restrict")]
    pub customer_id: i64,
    #[belongs_to(Customer, name = "payer", key_to = "pk")]
    pub payer_id: Option<i64>,
    pub quantity: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Line {
    #[id]
    #[belongs_to(Order, on_delete = "cascade")]
    pub order_id: i64,
    #[id]
    pub number: i32,
    #[belongs_to(Product, key_to = "code")]
    pub product_id: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Line, key_from = "code", key_to = "product_id")]
pub struct Product {
    #[id(generated)]
    pub id: i64,
    #[unique]
    pub code: String,
    pub price: f64,
}

/// Creates the tables of the cast.
pub async fn create(db: &Database) {
    db.create(schema![Customer, Order, Line, Product]).await.unwrap();
}

/// Two customers, whose `pk` is the other's `id`.
pub async fn customers(db: &Database) -> (Customer, Customer) {
    let new = |id, pk, name: &str| NewCustomer { id, pk, name: name.into(), email: None };
    let ada = new(1, 2, "Ada").insert(db).await.unwrap();
    let bob = new(2, 1, "Bob").insert(db).await.unwrap();
    (ada, bob)
}

/// An order of a customer.
pub async fn order(db: &Database, customer: &Customer, quantity: i32) -> Order {
    order_in(db, customer, quantity).await
}

/// An order of a customer, where a transaction may be under way.
pub async fn order_in(db: &impl Executor, customer: &Customer, quantity: i32) -> Order {
    let order = NewOrder { customer_id: customer.pk, payer_id: None, quantity };
    order.insert(db).await.unwrap()
}
