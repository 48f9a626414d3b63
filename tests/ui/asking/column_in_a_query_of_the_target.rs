// A column of a target, seen from its source, is one of the source.

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
    drop(Customer::find().filter(Order::CUSTOMER.column(Customer::NAME).eq("Ada")));
}
