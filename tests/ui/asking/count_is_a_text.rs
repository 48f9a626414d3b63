// A number of targets is compared with a number.

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
    drop(Customer::find().filter(Customer::ORDERS.count().gt("1")));
}
