// `key_from` names properties of the entity itself.

use relations::prelude::*;

#[derive(Entity)]
struct Seat {
    #[id]
    row: i32,
    #[id]
    number: i32,
}

#[derive(Entity)]
#[belongs_to(Seat, key_from("row", "numbr"), key_to("row", "number"))]
struct Ticket {
    #[id]
    id: i64,
    row: i32,
    number: i32,
}

fn main() {}
