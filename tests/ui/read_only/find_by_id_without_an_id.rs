// An entity without an id cannot be found by one.

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
