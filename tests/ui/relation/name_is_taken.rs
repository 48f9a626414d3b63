// The relations of an entity differ in name.

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
    #[belongs_to(Customer)]
    customer_id: i64,
    #[belongs_to(Customer, name = "customer")]
    payer_id: i64,
}

fn main() {}
