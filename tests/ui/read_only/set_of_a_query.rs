// Rows of a view are not changed.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
struct CustomerTotal {
    #[id]
    customer_id: i64,
    orders: i64,
}

fn main() {
    let _ = CustomerTotal::find().all_rows().set(CustomerTotal::ORDERS, 0);
}
