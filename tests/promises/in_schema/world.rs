//! Equal tables in several schemas, with other rows in each, and one table for all of them.

use ::relations::prelude::*;
use ::relations::{Database, Executor, Schema, schema, sql};

#[derive(Debug, Clone, PartialEq, Value)]
#[value(rename_all = "snake_case", type = "shade")]
pub enum Shade {
    Light,
    Dark,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(schema = "public", shared)]
pub struct Country {
    #[id]
    pub code: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Order)]
pub struct Customer {
    #[id(generated)]
    pub id: i64,
    #[unique]
    pub email: String,
    #[belongs_to(Country, name = "country")]
    pub country_code: String,
    pub shade: Shade,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Tag, through(OrderTag))]
pub struct Order {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Customer)]
    pub customer_id: i64,
    pub total: i64,
    #[version]
    pub version: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Order, through(OrderTag))]
pub struct Tag {
    #[id]
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct OrderTag {
    #[id]
    #[belongs_to(Order, on_delete = "cascade")]
    pub order_id: i64,
    #[id]
    #[belongs_to(Tag, name = "tag")]
    pub tag_name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Folder, name = "children", key_to = "parent_id")]
pub struct Folder {
    #[id]
    pub id: i64,
    #[belongs_to(Folder, name = "parent")]
    pub parent_id: Option<i64>,
}

/// The tables of each schema.
pub fn shop() -> Schema {
    schema![Customer, Order, Tag, OrderTag, Folder]
}

/// Names that have to be quoted, and two that differ in case only.
pub const SCHEMAS: [&str; 4] = ["t7", "T7", "select", "a\"; DROP TABLE countries; --"];

/// Rows that tell in which schema they are.
pub async fn fill(db: &impl Executor, own: i64) {
    for number in 1..=3 {
        let customer = NewCustomer {
            email: format!("{own} {number}"),
            country_code: "at".into(),
            shade: Shade::Dark,
        };
        let customer = customer.insert(db).await.unwrap();
        let totals = (1..=number).map(|total| own * 100 + total);
        let new = totals.map(|total| NewOrder { customer_id: customer.id, total });
        let orders = NewOrder::insert_many(new, db).await.unwrap();
        let tag = NewTag { name: format!("{own} tag {number}") }.insert(db).await.unwrap();
        assert!(Order::TAGS.link(db, &orders[0], &tag).await.unwrap());
        let parent_id = (number > 1).then_some(number - 1);
        NewFolder { id: number, parent_id }.insert(db).await.unwrap();
    }
}

/// All schemas with their rows. Where the connection looks there are tables too, which are empty.
pub async fn filled(db: &Database) {
    db.create(schema![Country]).await.unwrap();
    NewCountry { code: "at".into() }.insert(db).await.unwrap();
    db.create(shop()).await.unwrap();
    for (own, name) in (1..).zip(SCHEMAS) {
        let schema = db.in_schema(name);
        schema.create(shop()).await.unwrap();
        schema.create_if_missing(shop()).await.unwrap();
        fill(&schema, own).await;
    }
    let path: String = sql("SELECT current_setting('search_path')", ()).one(db).await.unwrap();
    assert!(!path.contains("t7"), "{path}");
}
