// A key of the rows that are not deleted is an index, which waits for nothing.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    #[unique(initially_deferred)]
    email: String,
    #[deleted_at]
    deleted_at: Option<chrono::DateTime<chrono::Utc>>,
}

fn main() {}
