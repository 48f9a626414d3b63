// An option of a column is one that is known.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[column(nmae = "qty")]
    quantity: i32,
}

fn main() {}
