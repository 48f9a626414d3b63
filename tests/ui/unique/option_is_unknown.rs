// A unique key takes a name and a filter.

use relations::prelude::*;

#[derive(Entity)]
#[unique(tenant_id, email, where = "id > 0")]
struct Customer {
    #[id]
    id: i64,
    tenant_id: i64,
    email: String,
}

fn main() {}
