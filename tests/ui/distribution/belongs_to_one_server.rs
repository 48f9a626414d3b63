// What is distributed belongs to no table of one server.

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
