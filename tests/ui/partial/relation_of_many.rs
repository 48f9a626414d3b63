// A relation to many is a `Vec`.
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
}

#[derive(Partial)]
#[partial(Customer)]
struct CustomerName {
    name: String,
}

#[derive(Partial)]
#[partial(Customer)]
struct Row {
    id: i64,
    #[include]
    orders: Order,
}

fn main() {}
