// A foreign key of several properties references a key of all rows.

use chrono::{DateTime, Utc};
use relations::prelude::*;

#[derive(Entity)]
#[unique(region, code)]
#[has_many(Order, key_from("region", "code"), key_to("region", "customer_code"))]
struct Customer {
    #[id(generated)]
    id: i64,
    region: i64,
    code: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Entity)]
#[belongs_to(
    Customer,
    name = "customer",
    key_from("region", "customer_code"),
    key_to("region", "code")
)]
struct Order {
    #[id(generated)]
    id: i64,
    region: i64,
    customer_code: i64,
}

fn main() {}
