// A relation that `include_required` takes is included already.
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

fn twice() {
    let _ = Order::find().include_required(Order::CUSTOMER).include(Order::CUSTOMER.batched());
}

fn main() {}
