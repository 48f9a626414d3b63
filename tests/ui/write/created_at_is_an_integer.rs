// The time of creation is a timestamp.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[created_at]
    made: i64,
}

fn main() {}
