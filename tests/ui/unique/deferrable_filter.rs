// A key of some rows is an index, which waits for nothing.

use relations::prelude::*;

#[derive(Entity)]
#[unique(tenant_id, email, filter = "id > 0", deferrable)]
struct Customer {
    #[id]
    id: i64,
    tenant_id: i64,
    email: String,
}

fn main() {}
