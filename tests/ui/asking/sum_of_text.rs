// Only numbers have a sum.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
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
    note: String,
}

fn main() {
    drop(Customer::ORDERS.sum(Order::NOTE));
}
