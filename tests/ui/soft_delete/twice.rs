// A row is deleted once.

use chrono::{DateTime, Utc};
use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id(generated)]
    id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
    #[deleted_at]
    removed_at: Option<DateTime<Utc>>,
}

fn main() {}
