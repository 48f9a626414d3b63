// A page goes on after the id of a row.
use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    number: String,
}

fn main() {
    let _ = Order::find().page(20).after("A-7");
}
