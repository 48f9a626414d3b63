// A check has a name, and nothing else.

use relations::prelude::*;

#[derive(Entity)]
#[check("quantity > 0", nam = "some")]
struct Line {
    #[id]
    id: i64,
    quantity: i32,
}

fn main() {}
