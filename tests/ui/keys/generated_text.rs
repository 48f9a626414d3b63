// A generated key is an integer.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: String,
}

fn main() {}
