// The foreign key of a `has_many` leads back to the property that it starts from.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
    #[unique]
    pk: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer, key_to = "pk")]
    customer_id: i64,
}

fn main() {}
