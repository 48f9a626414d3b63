// An index names each property once.

use relations::prelude::*;

#[derive(Entity)]
#[index(tenant_id, email, tenant_id)]
struct Customer {
    #[id]
    id: i64,
    tenant_id: i64,
    email: String,
}

fn main() {}
