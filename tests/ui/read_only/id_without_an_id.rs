// An entity without an id has none to return.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
struct LargeOrder {
    customer_id: i64,
    quantity: i32,
}

fn id(order: &LargeOrder) {
    let _ = order.id();
}

fn main() {}
