// A composite id is a tuple.

use relations::prelude::*;

#[derive(Entity)]
struct Seat {
    #[id]
    row: i32,
    #[id]
    number: String,
}

fn main() {
    drop(Seat::find_by_id(7));
}
