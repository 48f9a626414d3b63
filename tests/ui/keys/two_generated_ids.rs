// A database counts one key up, not several.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[id(generated)]
    part: i64,
}

fn main() {}
