// An option of an entity is one that is known.

use relations::prelude::*;

#[derive(Entity)]
#[entity(tabel = "orders")]
struct Order {
    #[id]
    id: i64,
}

fn main() {}
