// No database has a foreign key to a deferrable key.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    #[unique(deferrable)]
    number: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer, key_to = "number")]
    customer_id: i64,
}

fn main() {}
