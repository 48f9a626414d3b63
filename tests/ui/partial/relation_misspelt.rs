// A field with `include` has the name of a relation.
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
#[partial(Order)]
struct Row {
    id: i64,
    #[include]
    custmer: CustomerName,
}

fn main() {}
