// A unique index of one property is a key.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    #[index(unique)]
    email: String,
}

fn main() {}
