// The filter of a relation is an expression of Rust.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order, name = "open_orders", filter = "status = 'open'")]
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
    status: String,
}

fn main() {}
