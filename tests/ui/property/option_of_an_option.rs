// A property is null or not, once.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    note: Option<Option<String>>,
}

fn main() {}
