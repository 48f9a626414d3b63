// A patch does not change what the database calculates.

use relations::prelude::*;

#[derive(Entity)]
#[entity(patch)]
struct Order {
    #[id]
    id: i64,
    quantity: i32,
    #[column(generated = "quantity * 2")]
    twice: i32,
}

fn main() {
    let _ = OrderPatch { twice: Some(2), ..OrderPatch::default() };
}
