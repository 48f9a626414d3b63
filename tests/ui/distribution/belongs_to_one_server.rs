// A distributed table cannot belong to a table on one server.

use relations::prelude::*;

#[derive(Entity)]
struct Plan {
    #[id]
    id: i64,
}

#[derive(Entity)]
#[entity(distributed_by = "id")]
struct Tenant {
    #[id]
    id: i64,
    #[belongs_to(Plan)]
    plan_id: i64,
}

fn main() {}
