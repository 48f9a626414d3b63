// A property is owned.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    note: &'static str,
}

fn main() {}
