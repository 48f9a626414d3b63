// A version is never null.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[version]
    version: Option<i32>,
}

fn main() {}
