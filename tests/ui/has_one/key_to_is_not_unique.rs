// The foreign key of a `has_one` is unique, where `key_to` names it.

use relations::prelude::*;

#[derive(Entity)]
#[has_one(Address, key_to = "owner_id")]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Address {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    owner_id: i64,
}

fn main() {}
