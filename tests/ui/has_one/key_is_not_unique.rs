// The foreign key of a `has_one` is unique.

use relations::prelude::*;

#[derive(Entity)]
#[has_one(Address)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Address {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

fn main() {}
