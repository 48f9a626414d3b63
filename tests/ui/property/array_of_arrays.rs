// An array is not of arrays.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    quantities: Vec<Vec<i64>>,
}

fn main() {}
