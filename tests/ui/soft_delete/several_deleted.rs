// A relation to one that sees deleted rows needs a key of these as well.

use chrono::{DateTime, Utc};
use relations::prelude::*;

#[derive(Entity)]
#[has_one(Card, unscoped)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Card {
    #[id]
    id: i64,
    #[unique]
    #[belongs_to(Customer)]
    customer_id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

fn main() {}
