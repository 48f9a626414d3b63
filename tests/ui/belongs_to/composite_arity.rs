// A foreign key has as many properties as the key that it references.

use relations::prelude::*;

#[derive(Entity)]
struct Seat {
    #[id]
    row: i32,
    #[id]
    number: i32,
}

#[derive(Entity)]
#[belongs_to(Seat, key_from("row", "number", "id"), key_to("row", "number"))]
struct Ticket {
    #[id]
    id: i64,
    row: i32,
    number: i32,
}

fn main() {}
