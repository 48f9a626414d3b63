// The database calculates a generated column, so a default would never be used.

use relations::prelude::*;

#[derive(Entity)]
struct Line {
    #[id]
    id: i64,
    price: i64,
    #[column(generated = "price * 2", default = "0")]
    twice: i64,
}

fn main() {}
