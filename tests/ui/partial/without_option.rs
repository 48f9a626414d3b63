// A property that may be null is an option in a partial too.
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
struct CustomerMail {
    email: String,
}

fn main() {}
