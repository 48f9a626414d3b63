// A relation to many begins at a key.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
#[has_many(Note)]
struct LargeOrder {
    #[unique]
    number: i64,
}

#[derive(Entity)]
struct Note {
    #[id]
    id: i64,
    #[belongs_to(LargeOrder, key_to = "number", constraint = false)]
    large_order_id: i64,
}

fn main() {}
