// Without an id no row is found by it.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
struct LargeOrder {
    customer_id: i64,
    quantity: i32,
}

fn main() {
    let _ = LargeOrder::find_by_id(7);
}
