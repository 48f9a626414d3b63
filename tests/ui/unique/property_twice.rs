// A property says nothing new the second time.

use relations::prelude::*;

#[derive(Entity)]
#[unique(tenant_id, email, tenant_id)]
struct Customer {
    #[id]
    id: i64,
    tenant_id: i64,
    email: String,
}

fn main() {}
