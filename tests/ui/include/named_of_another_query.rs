// A query includes by names of its own entity.
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

fn query(allowed: &NamedIncludes<Order>) {
    let _ = Customer::find().include_named(allowed, "orders");
}

fn main() {}
