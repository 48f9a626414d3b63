// A row of a view is not written.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
struct CustomerTotal {
    #[id]
    customer_id: i64,
    orders: i64,
}

fn change(db: &relations::Database, mut total: CustomerTotal) {
    let _ = total.update(db);
}

fn main() {}
