// Rows of a view are not deleted.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
struct CustomerTotal {
    #[id]
    customer_id: i64,
    orders: i64,
}

fn purge(db: &relations::Database) {
    let _ = CustomerTotal::find().all_rows().delete(db);
}

fn main() {}
