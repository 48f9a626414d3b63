// Actions belong to the foreign key constraint.

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
    #[belongs_to(Customer, constraint = false, on_delete = "cascade")]
    customer_id: i64,
}

fn main() {}
