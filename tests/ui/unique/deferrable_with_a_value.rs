// `deferrable` is a word.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    #[unique(deferrable = true)]
    email: String,
}

fn main() {}
