// No row is inserted into a view, so there is no struct for one.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
struct CustomerTotal {
    #[id]
    customer_id: i64,
    orders: i64,
}

fn main() {
    let _ = NewCustomerTotal { customer_id: 7, orders: 0 };
}
