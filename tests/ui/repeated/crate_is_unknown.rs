// `crate` says where `relations` is found.

use relations::prelude::*;

#[derive(Entity)]
#[entity(crate = "nowhere::relations")]
struct Order {
    #[id]
    id: i64,
}

fn main() {}
