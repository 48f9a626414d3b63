// A key is never null.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: Option<i64>,
}

fn main() {}
