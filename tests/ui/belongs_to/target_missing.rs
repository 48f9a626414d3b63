// The target comes first; options follow it.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(key_to = "pk")]
    customer_id: i64,
}

fn main() {}
