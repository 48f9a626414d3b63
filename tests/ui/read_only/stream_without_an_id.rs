// A stream goes on from the id of a row.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
struct LargeOrder {
    customer_id: i64,
    quantity: i32,
}

fn each(db: relations::Database) {
    let _ = LargeOrder::find().stream(db);
}

fn main() {}
