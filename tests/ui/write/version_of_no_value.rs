// The type of a version lives in a column.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[version]
    version: u128,
}

fn main() {}
