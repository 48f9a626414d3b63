// An entity has a key.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    quantity: i32,
}

fn main() {}
