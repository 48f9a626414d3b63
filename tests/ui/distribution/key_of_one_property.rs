// A key of one property leads to any server, also without a constraint.

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
    #[belongs_to(Tenant)]
    tenant_id: i64,
    #[id]
    id: i64,
    #[belongs_to(Tenant, constraint = false)]
    partner_id: i64,
}

fn main() {}
