// Only a materialized view can be refreshed.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
struct CustomerTotal {
    #[id]
    customer_id: i64,
    orders: i64,
}

fn fill(db: &relations::Database) {
    let _ = CustomerTotal::refresh(db);
}

fn main() {}
