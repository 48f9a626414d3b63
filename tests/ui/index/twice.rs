// Two indexes differ in more than their names.

use relations::prelude::*;

#[derive(Entity)]
#[index(tenant_id, email)]
#[index(tenant_id, email, name = "again")]
struct Customer {
    #[id]
    id: i64,
    tenant_id: i64,
    email: String,
}

fn main() {}
