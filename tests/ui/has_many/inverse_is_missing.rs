// The target of a `has_many` belongs to the entity.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    customer_id: i64,
}

fn main() {}
