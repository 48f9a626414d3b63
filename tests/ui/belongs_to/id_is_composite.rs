// An id of several properties is referenced by all of them.

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
    #[belongs_to(Seat)]
    seat_id: i32,
}

fn main() {}
