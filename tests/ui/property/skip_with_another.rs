// A skipped field is not a property.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[skip]
    #[index]
    cache: Option<i32>,
}

fn main() {}
