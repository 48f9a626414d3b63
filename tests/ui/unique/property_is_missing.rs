// A unique key is made of properties.

use relations::prelude::*;

#[derive(Entity)]
#[unique(tenant_id, mail)]
struct Customer {
    #[id]
    id: i64,
    tenant_id: i64,
    email: String,
}

fn main() {}
