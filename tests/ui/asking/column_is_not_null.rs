// A column of a guaranteed target cannot be null, unless its type is an `Option`.

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
    drop(Order::find().filter(Order::CUSTOMER.column(Customer::NAME).is_null()));
}
