// A relation with a filter does not find all sources of a soft delete.

use chrono::{DateTime, Utc};
use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order, filter = Order::OPEN.eq(true))]
struct Customer {
    #[id(generated)]
    id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
    open: bool,
}

fn main() {}
