// Rows that are not written are not locked.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
struct CustomerTotal {
    #[id]
    customer_id: i64,
    orders: i64,
}

fn main() {
    let _ = CustomerTotal::find().for_update();
}
