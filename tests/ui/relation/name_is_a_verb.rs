// A relation is not named as what every entity can do.

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
    #[belongs_to(Customer, name = "find")]
    customer_id: i64,
}

fn main() {}
