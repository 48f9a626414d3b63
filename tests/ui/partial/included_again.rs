// A partial includes relations by its fields.
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
    customer: CustomerName,
}

fn main() {
    let _ = Order::find().select_as::<Row>().include(Order::CUSTOMER);
}
