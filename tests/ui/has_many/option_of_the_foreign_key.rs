// An option of a foreign key is given where the foreign key is.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order, on_delete = "cascade")]
struct Customer {
    #[id]
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
