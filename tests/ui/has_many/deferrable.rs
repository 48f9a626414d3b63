// The foreign key is on the other side, and so is the time of its check.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order, deferrable)]
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

fn main() {}
