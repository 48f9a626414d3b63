// `set` takes a column of the entity itself.

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
    drop(Order::find().set(Order::CUSTOMER.column(Customer::NAME), "Ada"));
}
