// The id holds what rows are distributed by.

use relations::prelude::*;

#[derive(Entity)]
#[entity(distributed_by = "tenant_id")]
struct Order {
    tenant_id: i64,
    #[id]
    id: i64,
}

fn main() {}
