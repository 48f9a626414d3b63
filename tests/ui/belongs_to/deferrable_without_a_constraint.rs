// Without a constraint there is nothing to wait for.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer, constraint = false, initially_deferred)]
    customer_id: i64,
}

fn main() {}
