// The mistakes of all values are shown in one build.

use relations::prelude::*;

#[derive(Debug, Clone, Value)]
#[value(rename_all = "snakecase")]
enum Status {
    Open(i64),
    Closed { at: i64 },
}

#[derive(Debug, Clone, Value)]
struct Money(i64, String);

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    status: Status,
    price: Money,
}

fn main() {}
