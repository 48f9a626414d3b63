// A unique property alone says nothing about the rows of other servers.

use relations::prelude::*;

#[derive(Entity)]
#[entity(distributed_by = "tenant_id")]
struct Customer {
    #[id]
    tenant_id: i64,
    #[id]
    id: i64,
    #[unique]
    email: String,
}

fn main() {}
