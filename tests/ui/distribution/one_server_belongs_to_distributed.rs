// A table on one server cannot belong to a distributed table.

use relations::prelude::*;

#[derive(Entity)]
#[entity(distributed_by = "id")]
struct Tenant {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Job {
    #[id]
    id: i64,
    #[belongs_to(Tenant)]
    tenant_id: i64,
}

fn main() {}
