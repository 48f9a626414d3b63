// The filter of a relation speaks of its target.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order, name = "open_orders", filter = Customer::NAME.eq("open"))]
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
    customer_id: i64,
}

fn main() {}
