// Two checks have two names.

use relations::prelude::*;

#[derive(Entity)]
#[check("quantity > 0", name = "bounds")]
#[check("quantity < 100", name = "bounds")]
struct Line {
    #[id]
    id: i64,
    quantity: i32,
}

fn main() {}
