// Traits of a new row stand in `derive`.

use relations::prelude::*;

#[derive(Entity)]
#[entity(new(Deserialize))]
struct Order {
    #[id]
    id: i64,
}

fn main() {}
