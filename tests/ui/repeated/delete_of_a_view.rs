// A row of a view is not deleted.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
struct CustomerTotal {
    #[id]
    customer_id: i64,
    orders: i64,
}

fn remove(db: &relations::Database, total: &CustomerTotal) {
    let _ = total.delete(db);
}

fn main() {}
