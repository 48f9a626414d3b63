// The parts of a composite id are named, so that none is taken for another.

use relations::prelude::*;

#[derive(Entity)]
struct Seat {
    #[id]
    row: i32,
    #[id]
    number: i32,
}

#[derive(Entity)]
#[belongs_to(Seat, key_from("row", "number"))]
struct Ticket {
    #[id]
    id: i64,
    row: i32,
    number: i32,
}

fn main() {}
