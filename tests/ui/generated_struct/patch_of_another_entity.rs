// A patch changes rows of its entity.

use relations::prelude::*;

#[derive(Entity)]
#[entity(patch)]
struct Order {
    #[id(generated)]
    id: i64,
    quantity: i32,
}

#[derive(Entity)]
struct Line {
    #[id(generated)]
    id: i64,
    quantity: i32,
}

fn main() {
    let _ = Line::find_by_id(1).patch(OrderPatch::default());
}
