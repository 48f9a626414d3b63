// The target of a `has_one` is an entity.

use relations::prelude::*;

struct Address {
    customer_id: i64,
}

#[derive(Entity)]
#[has_one(Address)]
struct Customer {
    #[id]
    id: i64,
}

fn main() {}
