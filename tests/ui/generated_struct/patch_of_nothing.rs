// An entity of keys alone has nothing to change.

use relations::prelude::*;

#[derive(Entity)]
#[entity(patch)]
struct Link {
    #[id]
    order_id: i64,
    #[id]
    tag_id: i64,
}

fn main() {}
