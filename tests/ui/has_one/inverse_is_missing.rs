// The target of a `has_one` belongs to the entity.

use relations::prelude::*;

#[derive(Entity)]
#[has_one(Address)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Address {
    #[id]
    id: i64,
    #[unique]
    customer_id: i64,
}

fn main() {}
