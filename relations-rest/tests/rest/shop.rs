//! A shop: relations of every kind.

use axum::Router;
use relations::prelude::*;
use relations::{Database, schema};
use relations_rest::Api;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Order)]
#[has_many(Order, name = "paid", key_to = "payer_id")]
#[has_one(Profile)]
#[has_many(Token)]
pub struct Customer {
    #[id(generated)]
    pub id: i64,
    pub name: String,
    #[unique]
    pub email: Option<String>,
    #[column(default = "'NO'")]
    pub country: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
pub struct Profile {
    #[id(generated)]
    pub id: i64,
    #[unique]
    #[belongs_to(Customer)]
    pub customer_id: i64,
    pub bio: String,
}

/// Is never served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
pub struct Token {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Customer)]
    pub customer_id: i64,
    pub secret: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Value)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Open,
    Shipped,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Line)]
pub struct Order {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Customer, on_delete = "restrict")]
    pub customer_id: i64,
    #[belongs_to(Customer)]
    pub payer_id: Option<i64>,
    pub status: Status,
    pub quantity: i32,
    pub note: Option<String>,
    #[version]
    pub version: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
pub struct Line {
    #[id]
    #[belongs_to(Order, on_delete = "cascade")]
    pub order_id: i64,
    #[id]
    pub number: i32,
    #[belongs_to(Product)]
    pub product_id: i64,
    pub price: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Line)]
#[has_many(Tag, through(ProductTag))]
pub struct Product {
    #[id(generated)]
    pub id: i64,
    #[unique]
    pub name: String,
    #[belongs_to(Category)]
    pub category_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Product, through(ProductTag))]
pub struct Tag {
    #[id]
    pub word: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
pub struct ProductTag {
    #[id]
    #[belongs_to(Product)]
    pub product_id: i64,
    #[id]
    #[belongs_to(Tag)]
    pub tag_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Category, name = "children", key_to = "parent_id")]
pub struct Category {
    #[id(generated)]
    pub id: i64,
    pub title: String,
    #[belongs_to(Category, name = "parent")]
    pub parent_id: Option<i64>,
}

pub fn api(db: &Database) -> Api {
    Api::new(db)
        .serve::<Customer>(|it| it.all())
        .serve::<Profile>(|it| it.all())
        .serve::<Order>(|it| it.all())
        .serve::<Line>(|it| it.all())
        .serve::<Product>(|it| it.all())
        .serve::<Tag>(|it| it.all())
        .serve::<Category>(|it| it.all())
        .title("Shop")
}

pub fn router(db: &Database) -> Router {
    api(db).router().unwrap()
}

/// The tables, and: Ada with the orders 1 and 2, Bob with 3, Eve without; Bob pays order 1. Order 1 has two
/// lines, order 3 one.
pub async fn filled(db: &Database) -> Router {
    db.create(schema![Customer, Profile, Token, Order, Line, Product, Tag, ProductTag, Category])
        .await
        .unwrap();
    for (name, country) in [("Ada", "NO"), ("Bob", "CL"), ("Eve", "NO")] {
        let email = Some(format!("{}@example.org", name.to_lowercase()));
        let country = Some(country.to_owned());
        NewCustomer { name: name.into(), email, country }.insert(db).await.unwrap();
    }
    NewToken { customer_id: 1, secret: "hunter2".into() }.insert(db).await.unwrap();
    NewProfile { customer_id: 1, bio: "countess".into() }.insert(db).await.unwrap();
    for (title, parent_id) in
        [("All", None), ("Drinks", Some(1)), ("Tea", Some(2)), ("Cups", Some(1))]
    {
        NewCategory { title: title.into(), parent_id }.insert(db).await.unwrap();
    }
    for (name, category_id) in [("Green tea", Some(3)), ("Cup", None)] {
        NewProduct { name: name.into(), category_id }.insert(db).await.unwrap();
    }
    for word in ["hot", "new"] {
        NewTag { word: word.into() }.insert(db).await.unwrap();
    }
    NewProductTag { product_id: 1, tag_id: "hot".into() }.insert(db).await.unwrap();
    let orders = [
        (1, Some(2), Status::Open, 3, Some("gift")),
        (1, None, Status::Shipped, 7, None),
        (2, None, Status::Open, 9, None),
    ];
    for (customer_id, payer_id, status, quantity, note) in orders {
        let note = note.map(str::to_owned);
        let new = NewOrder { customer_id, payer_id, status, quantity, note };
        new.insert(db).await.unwrap();
    }
    for (order_id, number, product_id, price) in [(1, 1, 1, 450), (1, 2, 2, 1200), (3, 1, 1, 400)] {
        NewLine { order_id, number, product_id, price }.insert(db).await.unwrap();
    }
    router(db)
}
