// A field of a partial has the type of its property.
use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
    name: String,
    email: Option<String>,
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
    id: i32,
    name: String,
}

fn main() {}
