// A view has no structs for inserts and updates.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view, patch, new(derive(Default)))]
struct CustomerTotal {
    #[id]
    customer_id: i64,
    orders: i64,
}

fn main() {}
