// A patch does not change keys.

use relations::prelude::*;

#[derive(Entity)]
#[entity(patch)]
struct Order {
    #[id]
    id: i64,
    quantity: i32,
}

fn main() {
    let _ = OrderPatch { id: Some(1), ..OrderPatch::default() };
}
