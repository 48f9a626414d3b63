// The `key_from` of a `has_many` is a property of the entity.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order, key_from = "pkk")]
struct Customer {
    #[id]
    pk: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

fn main() {}
