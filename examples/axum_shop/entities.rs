//! The tables of the shop.

use relations::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[has_many(Order)]
pub(crate) struct Customer {
    #[id(generated)]
    pub(crate) id: i64,
    pub(crate) name: String,
    #[unique]
    pub(crate) email: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[has_many(Line)]
pub(crate) struct Order {
    #[id(generated)]
    pub(crate) id: i64,
    #[belongs_to(Customer, on_delete = "restrict")]
    pub(crate) customer_id: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
pub(crate) struct Line {
    #[id]
    #[belongs_to(Order, on_delete = "cascade")]
    pub(crate) order_id: i64,
    #[id]
    #[belongs_to(Product)]
    pub(crate) product_id: i64,
    pub(crate) quantity: i32,
    /// The price when it was ordered, in cents.
    pub(crate) price: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[entity(new(derive(Deserialize)), patch(derive(Deserialize)))]
pub(crate) struct Product {
    #[id(generated)]
    pub(crate) id: i64,
    #[unique]
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// In cents.
    pub(crate) price: i64,
    pub(crate) stock: i32,
    #[version]
    pub(crate) version: i64,
}
