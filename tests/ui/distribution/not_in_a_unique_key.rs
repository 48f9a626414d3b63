// A unique key holds what rows are distributed by, also if it is of some rows only.

use relations::prelude::*;

#[derive(Entity)]
#[entity(distributed_by = "tenant_id")]
#[unique(email, filter = "email <> ''")]
struct Customer {
    #[id]
    tenant_id: i64,
    #[id]
    id: i64,
    email: String,
}

fn main() {}
