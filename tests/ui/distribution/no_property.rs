// Rows are distributed by a property.

use relations::prelude::*;

#[derive(Entity)]
#[entity(distributed_by = "tenant")]
struct Order {
    #[id]
    tenant_id: i64,
    #[id]
    id: i64,
}

fn main() {}
