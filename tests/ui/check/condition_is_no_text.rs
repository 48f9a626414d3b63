// A condition is SQL, which is written as a text.

use relations::prelude::*;

#[derive(Entity)]
#[check(quantity > 0)]
struct Line {
    #[id]
    id: i64,
    quantity: i32,
}

fn main() {}
