// A soft delete of the target knows of its sources.

use chrono::{DateTime, Utc};
use relations::prelude::*;

#[derive(Entity)]
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
}

fn main() {}
