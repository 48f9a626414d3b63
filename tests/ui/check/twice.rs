// A check is written once.

use relations::prelude::*;

#[derive(Entity)]
#[check("quantity > 0")]
#[check("quantity > 0", name = "some")]
struct Line {
    #[id]
    id: i64,
    quantity: i32,
}

fn main() {}
