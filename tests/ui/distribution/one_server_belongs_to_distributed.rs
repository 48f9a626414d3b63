// What is on one server belongs to nothing that is distributed.

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
