// The time is null in every row that a key holds for.

use chrono::{DateTime, Utc};
use relations::prelude::*;

#[derive(Entity)]
#[unique(email, deleted_at)]
struct Customer {
    #[id(generated)]
    id: i64,
    email: String,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

fn main() {}
