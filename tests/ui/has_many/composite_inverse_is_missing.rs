// The target of a composite `has_many` belongs to the entity by the same properties.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Ticket, key_from("row", "number"), key_to("number", "row"))]
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
    number: i32,
}

fn main() {}
