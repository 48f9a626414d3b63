// The `key_to` of a `has_many` is a foreign key to the entity.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order, key_to = "quantity")]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
    quantity: i64,
}

fn main() {}
