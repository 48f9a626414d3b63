// A verb that takes the entity itself would hide the accessor.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    edit_id: i64,
}

fn main() {}
