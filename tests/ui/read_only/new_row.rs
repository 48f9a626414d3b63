// Rows cannot be inserted into a view, so `NewCustomerTotal` does not exist.

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
