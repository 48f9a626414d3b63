// An attribute of a field stands on the field.

use relations::prelude::*;

#[derive(Entity)]
#[unique]
struct Order {
    #[id]
    id: i64,
}

fn main() {}
