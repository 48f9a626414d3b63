// A unique index of properties is a key.

use relations::prelude::*;

#[derive(Entity)]
#[index(tenant_id, email, unique)]
struct Customer {
    #[id]
    id: i64,
    tenant_id: i64,
    email: String,
}

fn main() {}
