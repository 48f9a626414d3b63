// A target includes relations of its own, under a condition too.
use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Entity)]
#[has_many(Line)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

#[derive(Entity)]
struct Line {
    #[id]
    id: i64,
    #[belongs_to(Order)]
    order_id: i64,
    price: i32,
}

fn lines(wanted: bool) {
    let _ = Order::find().include(Order::CUSTOMER.include_if(wanted, Order::LINES));
}

fn main() {}
