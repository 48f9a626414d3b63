// A key is unique once, whatever the order of its properties.

use relations::prelude::*;

#[derive(Entity)]
#[unique(tenant_id, email)]
#[unique(email, tenant_id)]
struct Customer {
    #[id]
    id: i64,
    tenant_id: i64,
    email: String,
}

fn main() {}
