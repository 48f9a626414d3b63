// A property that may be null has such a type in its `Option`.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    quantity: Option<i8>,
}

fn main() {}
