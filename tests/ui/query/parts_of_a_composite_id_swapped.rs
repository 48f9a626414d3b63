// A composite id is a tuple in the order of the fields.

use relations::prelude::*;

#[derive(Entity)]
struct Seat {
    #[id]
    row: i32,
    #[id]
    number: String,
}

fn main() {
    drop(Seat::find_by_id(("a", 7)));
}
