// Equal values of two types are on two servers.

use relations::prelude::*;

#[derive(Entity)]
#[entity(distributed_by = "id")]
struct Tenant {
    #[id]
    #[column(type = "varchar(20)")]
    id: String,
}

#[derive(Entity)]
#[entity(distributed_by = "tenant_id")]
struct Order {
    #[id]
    #[belongs_to(Tenant)]
    tenant_id: String,
    #[id]
    id: i64,
}

fn main() {}
