// The foreign key of a `has_many` leads back to the entity.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Buyer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Buyer)]
    customer_id: i64,
}

fn main() {}
