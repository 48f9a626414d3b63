// The id is unique by being the id.

use relations::prelude::*;

#[derive(Entity)]
#[unique(number, order_id)]
struct Line {
    #[id]
    order_id: i64,
    #[id]
    number: i32,
}

fn main() {}
