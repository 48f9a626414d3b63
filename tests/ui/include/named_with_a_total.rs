// A row that is included by name holds targets, and no place for their number.
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
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

fn allowed() {
    let _ = NamedIncludes::<Customer>::new().allow(Customer::ORDERS.limit(3).with_total());
}

fn main() {}
