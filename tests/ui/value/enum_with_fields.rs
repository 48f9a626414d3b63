// An enum is stored as the name of its variant.

use relations::prelude::*;

#[derive(Debug, Clone, Value)]
enum Status {
    Open(i64),
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    status: Status,
}

fn main() {}
