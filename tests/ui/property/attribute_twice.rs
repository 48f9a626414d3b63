// An attribute is written once.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[unique]
    #[unique]
    number: i32,
}

fn main() {}
