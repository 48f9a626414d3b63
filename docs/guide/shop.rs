// The shop of the guide: customers place orders, an order has lines, and a line is of a product.

use relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Order)]
pub struct Customer {
    #[id(generated)]
    pub id: i64,
    pub name: String,
    pub country: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Line)]
#[has_many(Product, through(Line))]
pub struct Order {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Customer)]
    pub customer_id: i64,
    #[belongs_to(Customer)]
    pub payer_id: Option<i64>,
    pub open: bool,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Line {
    #[id]
    #[belongs_to(Order)]
    pub order_id: i64,
    #[id]
    #[belongs_to(Product)]
    pub product_id: i64,
    pub quantity: i32,
    pub price: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Tag, through(ProductTag))]
#[has_many(ProductTag, name = "tag_links")]
pub struct Product {
    #[id(generated)]
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Product, through(ProductTag))]
pub struct Tag {
    #[id(generated)]
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct ProductTag {
    #[id]
    #[belongs_to(Product)]
    pub product_id: i64,
    #[id]
    #[belongs_to(Tag)]
    pub tag_id: i64,
    #[column(default = "0")]
    pub weight: i32,
}
