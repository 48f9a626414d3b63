// The servers share out the numbers of a bigint only.

use relations::prelude::*;

#[derive(Entity)]
#[entity(distributed_by = "tenant_id")]
struct Order {
    #[id]
    tenant_id: i64,
    #[id(generated)]
    id: i32,
}

fn main() {}
