// A foreign key and its target are each told that their type is unsupported.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: u64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: u64,
}

fn main() {}
