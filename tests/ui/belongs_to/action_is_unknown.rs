// An action is one that SQL knows.

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
    #[belongs_to(Customer, on_delete = "cascad")]
    customer_id: i64,
}

fn main() {}
