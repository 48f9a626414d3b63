// Each part of a composite foreign key has the type of the part that it references.

use relations::prelude::*;

#[derive(Entity)]
struct Seat {
    #[id]
    row: i32,
    #[id]
    number: i32,
}

#[derive(Entity)]
#[belongs_to(Seat, key_from("row", "number"), key_to("row", "number"))]
struct Ticket {
    #[id]
    id: i64,
    row: i32,
    number: i64,
}

fn main() {}
