// The target is an entity.

use relations::prelude::*;

struct Customer {
    id: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

fn main() {}
