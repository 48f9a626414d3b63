// The source of a `belongs_to` holds the key itself.
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
    let placed =
        NewOrder { id: 1, customer_id: 2 }.with(Order::CUSTOMER, |id| [NewCustomer { id }]);
    drop(placed);
}

fn main() {}
