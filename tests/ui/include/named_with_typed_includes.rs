// Relations of a target are allowed by name as well, not included beforehand.
use relations::prelude::*;
use relations::include::NamedIncludes;
use serde::Serialize;

#[derive(Serialize, Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Serialize, Entity)]
#[has_many(Line)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

#[derive(Serialize, Entity)]
struct Line {
    #[id]
    id: i64,
    #[belongs_to(Order)]
    order_id: i64,
    #[belongs_to(Secret)]
    secret_id: i64,
}

#[derive(Entity)]
struct Secret {
    #[id]
    id: i64,
}

fn allowed() {
    let _ = NamedIncludes::<Customer>::new().allow(Customer::ORDERS.include(Order::LINES));
}

fn main() {}
