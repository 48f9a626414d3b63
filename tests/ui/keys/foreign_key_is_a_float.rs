// A foreign key can be compared exactly.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    #[unique]
    weight: f64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer, key_to = "weight")]
    customer_id: f64,
}

fn main() {}
