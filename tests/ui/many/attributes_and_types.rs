// A mistake in an attribute hides none in a type.

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
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i32,
    #[belongs_to(Customer, on_delete = "set null")]
    payer_id: i64,
    quantity: i8,
}

fn main() {}
