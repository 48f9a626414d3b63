// A new entity is inserted with targets of its own relations.
use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

fn place() {
    let placed = NewOrder { id: 1, customer_id: 2 }
        .with(Customer::ORDERS, |customer_id| [NewOrder { id: 3, customer_id }]);
    drop(placed);
}

fn main() {}
