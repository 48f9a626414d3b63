// All mistakes of the types of an entity are shown in one build.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: f64,
    #[belongs_to(Customer)]
    customer_id: String,
    #[belongs_to(Customer, key_to = "pk")]
    payer_id: i64,
    #[belongs_to(Payer)]
    other_payer_id: i64,
    quantity: i8,
    price: Option<f80>,
}

fn main() {}
