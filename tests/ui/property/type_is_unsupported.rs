// A property has a type that a column can have.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    quantity: i8,
}

fn main() {}
