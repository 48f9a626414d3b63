// Rows that go with a deleted one are deleted softly as well.

use chrono::{DateTime, Utc};
use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
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
    #[belongs_to(Customer, on_delete = "cascade")]
    customer_id: i64,
}

fn main() {}
