// A struct without the derive is not a partial.
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

struct CustomerName {
    name: String,
}

fn names() {
    let _ = Customer::find().select_as::<CustomerName>();
}

fn main() {}
