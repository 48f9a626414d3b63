// Pages begin at the id of a row.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
struct LargeOrder {
    customer_id: i64,
    quantity: i32,
}

fn main() {
    let _ = LargeOrder::find().page(20);
}
