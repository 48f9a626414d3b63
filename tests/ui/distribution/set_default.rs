// A foreign key does not move rows to the server of a default.

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
    #[column(default = "1")]
    #[belongs_to(Tenant, on_delete = "set default")]
    tenant_id: i64,
    #[id]
    id: i64,
}

fn main() {}
