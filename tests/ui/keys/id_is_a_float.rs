// A key can be compared exactly, which a float cannot.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: f64,
}

fn main() {}
