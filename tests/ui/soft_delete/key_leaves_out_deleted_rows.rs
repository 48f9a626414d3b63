// A foreign key references a key of all rows.

use chrono::{DateTime, Utc};
use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order, key_from = "code", key_to = "customer_code")]
struct Customer {
    #[id(generated)]
    id: i64,
    #[unique]
    code: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[belongs_to(Customer, name = "customer", key_to = "code")]
    customer_code: i64,
}

fn main() {}
