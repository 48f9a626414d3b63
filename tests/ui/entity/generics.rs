// An entity has no generics.

use relations::prelude::*;

#[derive(Entity)]
struct Order<T> {
    #[id]
    id: i64,
    value: T,
}

fn main() {}
