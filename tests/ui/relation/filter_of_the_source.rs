// A relation is filtered by the target's columns.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Debug, Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
    quantity: i32,
    note: Option<String>,
}

fn main() {
    drop(Order::CUSTOMER.of_id(1).filter(Order::QUANTITY.gt(2)));
}
