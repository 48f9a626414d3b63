// A foreign key is given, and not calculated.

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
    #[column(generated = "id / 10")]
    customer_id: i64,
}

fn main() {}
