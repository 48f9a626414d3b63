// What is said of a field stands on it.

use relations::prelude::*;

#[derive(Entity)]
#[unique]
struct Order {
    #[id]
    id: i64,
}

fn main() {}
