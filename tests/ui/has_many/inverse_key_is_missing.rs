// The target of a `has_many` belongs to the entity, by a key named after it.

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
    #[belongs_to(Customer)]
    buyer_id: i64,
}

fn main() {}
