// A version is counted by each change, and not calculated.

use relations::prelude::*;

#[derive(Entity)]
struct Line {
    #[id]
    id: i64,
    price: i64,
    #[version]
    #[column(generated = "price * 2")]
    twice: i64,
}

fn main() {}
