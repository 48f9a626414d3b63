// One column holds one property.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    quantity: i32,
    #[column(name = "quantity")]
    amount: i32,
}

fn main() {}
