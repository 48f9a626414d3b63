// The mistakes of all entities are shown in one build.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    id: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer, name = "id")]
    customer_id: i64,
}

#[derive(Entity)]
#[has_many(Line)]
struct Product {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Line {
    #[id]
    id: i64,
    product_id: i64,
}

fn main() {}
