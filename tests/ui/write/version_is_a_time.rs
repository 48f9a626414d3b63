// A field is stamped once.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[version]
    #[updated_at]
    version: i32,
}

fn main() {}
