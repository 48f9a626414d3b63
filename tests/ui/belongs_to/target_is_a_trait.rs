// The target is a type.

use relations::prelude::*;

trait Customer {}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

fn main() {}
