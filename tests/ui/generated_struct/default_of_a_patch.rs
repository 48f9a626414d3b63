// A patch has a default in any case.

use relations::prelude::*;

#[derive(Entity)]
#[entity(patch(derive(Default)))]
struct Order {
    #[id]
    id: i64,
    quantity: i32,
}

fn main() {
    let _ = OrderPatch::default();
}
