// A sum takes a column of the targets.

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
    quantity: i32,
}

fn main() {
    drop(Customer::find().order_by(Customer::ORDERS.sum(Customer::ID).asc()));
}
