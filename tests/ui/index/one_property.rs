// A plain index of one property stands on it.

use relations::prelude::*;

#[derive(Entity)]
#[index(email)]
struct Customer {
    #[id]
    id: i64,
    email: String,
}

fn main() {}
