// The source of a relation is named by its id.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
#[entity(view)]
struct LargeOrder {
    #[belongs_to(Customer)]
    customer_id: i64,
}

fn main() {
    let _ = LargeOrder::CUSTOMER.of_id(7);
}
