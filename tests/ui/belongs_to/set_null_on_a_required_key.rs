// A key that is set to null can be null.

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
    #[belongs_to(Customer, on_delete = "set null")]
    customer_id: i64,
}

fn main() {}
