// A check has a condition.

use relations::prelude::*;

#[derive(Entity)]
#[check]
struct Line {
    #[id]
    id: i64,
    quantity: i32,
}

fn main() {}
