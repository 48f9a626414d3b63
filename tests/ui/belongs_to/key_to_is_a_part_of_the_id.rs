// A part of a composite id does not tell the target's rows apart.

use relations::prelude::*;

#[derive(Entity)]
struct Seat {
    #[id]
    row: i32,
    #[id]
    number: i32,
}

#[derive(Entity)]
struct Ticket {
    #[id]
    id: i64,
    #[belongs_to(Seat, key_to = "row")]
    seat_id: i32,
}

fn main() {}
