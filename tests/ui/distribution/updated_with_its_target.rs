// A foreign key does not move rows to another server.

use relations::prelude::*;

#[derive(Entity)]
#[entity(distributed_by = "id")]
struct Tenant {
    #[id]
    id: i64,
}

#[derive(Entity)]
#[entity(distributed_by = "tenant_id")]
struct Order {
    #[id]
    #[belongs_to(Tenant, on_update = "cascade")]
    tenant_id: i64,
    #[id]
    id: i64,
}

fn main() {}
