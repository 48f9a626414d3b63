// An entity is named once.

use relations::prelude::*;

#[derive(Entity)]
#[entity(table = "orders")]
#[entity(schema = "shop")]
struct Order {
    #[id]
    id: i64,
}

fn main() {}
