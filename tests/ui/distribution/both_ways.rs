// Rows are distributed in one way.

use relations::prelude::*;

#[derive(Entity)]
#[entity(distributed_by = "tenant_id", reference)]
struct Order {
    #[id]
    tenant_id: i64,
    #[id]
    id: i64,
}

fn main() {}
