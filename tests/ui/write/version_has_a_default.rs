// A version needs no default.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[version]
    #[column(default = "1")]
    version: i32,
}

fn main() {}
