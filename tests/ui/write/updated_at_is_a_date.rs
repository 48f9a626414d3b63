// What tells when a row was written is a timestamp, and no date.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[updated_at]
    changed: chrono::NaiveDate,
}

fn main() {}
