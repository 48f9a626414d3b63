// The target of a `has_many` is an entity.

use relations::prelude::*;

struct Order {
    customer_id: i64,
}

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
}

fn main() {}
