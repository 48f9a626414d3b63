// `new` says what is derived.

use relations::prelude::*;

#[derive(Entity)]
#[entity(new)]
struct Order {
    #[id]
    id: i64,
}

fn main() {}
