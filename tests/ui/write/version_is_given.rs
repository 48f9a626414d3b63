// A new row has no version yet.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[version]
    version: i32,
}

fn main() {
    drop(NewOrder { version: 1 });
}
