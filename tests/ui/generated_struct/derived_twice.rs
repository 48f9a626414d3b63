// A trait is derived once.

use relations::prelude::*;

#[derive(Entity)]
#[entity(patch(derive(PartialEq, PartialEq)))]
struct Order {
    #[id]
    id: i64,
    quantity: i32,
}

fn main() {
    let _ = OrderPatch::default();
}
