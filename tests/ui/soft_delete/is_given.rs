// The database sets the time of a deletion.

use chrono::{DateTime, Utc};
use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id(generated)]
    id: i64,
    name: String,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

fn main() {
    let _ = NewCustomer { name: "Ada".to_owned(), deleted_at: None };
}
