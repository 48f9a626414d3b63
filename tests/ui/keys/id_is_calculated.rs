// An id names a row whatever the row holds.

use relations::prelude::*;

#[derive(Entity)]
struct Line {
    #[id]
    #[column(generated = "price * 2")]
    id: i64,
    price: i64,
}

fn main() {}
