// Each part of a key can be compared exactly.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[id]
    part: f64,
}

fn main() {}
