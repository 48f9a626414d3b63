// A skipped field has a default to be read as.

use relations::prelude::*;

struct Cache;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[skip]
    cache: Cache,
}

fn main() {}
