// The function is given the key as the relation has it.
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
    let placed = NewCustomer { id: 2 }
        .with(Customer::ORDERS, |_: i32| [NewOrder { id: 1, customer_id: 2 }]);
    drop(placed);
}

fn main() {}
