// The function makes new targets of the relation.
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
    let placed = NewCustomer { id: 2 }.with(Customer::ORDERS, |id| [NewCustomer { id }]);
    drop(placed);
}

fn main() {}
