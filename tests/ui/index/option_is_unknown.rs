// An index has few options.

use relations::prelude::*;

#[derive(Entity)]
#[index(tenant_id, email, where = "id > 0")]
struct Customer {
    #[id]
    id: i64,
    tenant_id: i64,
    email: String,
}

fn main() {}
