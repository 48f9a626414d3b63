// An array is of elements that a column can have.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    quantities: Vec<u128>,
}

fn main() {}
