// The targets of a relation are given in one place.
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
    let new = |customer_id| [NewOrder { id: 1, customer_id }];
    let placed = NewCustomer { id: 2 }.with(Customer::ORDERS, new).with(Customer::ORDERS, new);
    drop(placed);
}

fn main() {}
