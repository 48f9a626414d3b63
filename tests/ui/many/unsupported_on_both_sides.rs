// A foreign key and its target are each told that their type is unsupported.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: u128,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: u128,
}

fn main() {}
