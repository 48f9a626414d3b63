// The target of a `belongs_to` above the struct is an entity.

use relations::prelude::*;

struct Seat {
    row: i32,
    number: i32,
}

#[derive(Entity)]
#[belongs_to(Seat, key_from("row", "number"), key_to("row", "number"))]
struct Ticket {
    #[id]
    id: i64,
    row: i32,
    number: i32,
}

fn main() {}
