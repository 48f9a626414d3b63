// The name of a relation is an identifier.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer, name = "the customer")]
    customer_id: i64,
}

fn main() {}
