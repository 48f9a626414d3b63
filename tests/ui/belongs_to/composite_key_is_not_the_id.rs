// A composite `key_to` names the whole id of the target.

use relations::prelude::*;

#[derive(Entity)]
struct Seat {
    #[id]
    row: i32,
    #[id]
    number: i32,
    floor: i32,
}

#[derive(Entity)]
#[belongs_to(Seat, key_from("row", "number"), key_to("row", "floor"))]
struct Ticket {
    #[id]
    id: i64,
    row: i32,
    number: i32,
}

fn main() {}
