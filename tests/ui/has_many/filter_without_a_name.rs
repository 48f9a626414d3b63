// Two relations to one target have names of their own, with a filter or without.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
#[has_many(Order, filter = Order::OPEN.eq(true))]
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
    open: bool,
}

fn main() {}
