// A relation and a property would not share a constant.

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
    #[allow(non_snake_case)]
    Payer: String,
}

fn main() {}
