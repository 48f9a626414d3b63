// A row is not deleted until there is a time.

use chrono::{DateTime, Utc};
use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id(generated)]
    id: i64,
    #[deleted_at]
    deleted_at: DateTime<Utc>,
}

fn main() {}
