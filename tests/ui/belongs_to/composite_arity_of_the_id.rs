// A foreign key without `key_to` has as many properties as the target's id.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
#[belongs_to(Customer, key_from("row", "number"))]
struct Ticket {
    #[id]
    id: i64,
    row: i64,
    number: i64,
}

fn main() {}
