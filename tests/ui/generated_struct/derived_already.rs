// A trait that is derived in any case is not asked for.

use relations::prelude::*;

#[derive(Entity)]
#[entity(new(derive(Debug, PartialEq)))]
struct Order {
    #[id]
    id: i64,
    quantity: i32,
}

fn main() {
    let _ = NewOrder { id: 1, quantity: 2 };
}
