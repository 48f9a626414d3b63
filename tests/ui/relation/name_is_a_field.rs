// A relation is not named as a property is.

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
    #[belongs_to(Customer, name = "payer")]
    customer_id: i64,
    payer: String,
}

fn main() {}
