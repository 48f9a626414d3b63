// The target of a `has_one` has a key named after the entity.

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
    #[unique]
    owner_id: i64,
}

fn main() {}
