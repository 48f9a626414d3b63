// A condition may be of several columns, so it stands on the struct.

use relations::prelude::*;

#[derive(Entity)]
struct Line {
    #[id]
    id: i64,
    #[check("quantity > 0")]
    quantity: i32,
}

fn main() {}
