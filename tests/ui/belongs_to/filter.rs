// A relation by a foreign key takes no filter.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    open: bool,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer, filter = Customer::OPEN.eq(true))]
    customer_id: i64,
}

fn main() {}
