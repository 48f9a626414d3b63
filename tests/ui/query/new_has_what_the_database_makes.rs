// A new entity leaves to the database what it makes.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    quantity: i32,
}

fn main() {
    drop(NewOrder { id: 1, quantity: 3 });
}
