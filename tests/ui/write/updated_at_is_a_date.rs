// The time of the last update is a timestamp, not a date.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[updated_at]
    changed: chrono::NaiveDate,
}

fn main() {}
