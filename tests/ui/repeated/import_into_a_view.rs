// Rows cannot be imported into a view.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
struct CustomerTotal {
    #[id]
    customer_id: i64,
    orders: i64,
}

fn restore(db: &relations::Database, totals: Vec<CustomerTotal>) {
    let _ = CustomerTotal::import(totals, db);
}

fn main() {}
