// Only what is distributed likewise belongs to what is distributed.

use relations::prelude::*;

#[derive(Entity)]
#[entity(distributed_by = "id")]
struct Tenant {
    #[id]
    id: i64,
}

#[derive(Entity)]
#[entity(reference)]
struct Country {
    #[id]
    code: String,
    #[belongs_to(Tenant)]
    tenant_id: i64,
}

fn main() {}
