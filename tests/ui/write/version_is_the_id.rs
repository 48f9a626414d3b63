// An id is no version.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    #[version]
    id: i64,
}

fn main() {}
