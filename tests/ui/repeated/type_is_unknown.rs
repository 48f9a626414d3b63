// The type of a property is in scope.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    quantity: Quantity,
}

fn main() {}
