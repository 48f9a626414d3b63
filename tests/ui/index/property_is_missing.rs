// An index is of properties of its own entity.

use relations::prelude::*;

#[derive(Entity)]
#[index(tenant_id, emial)]
struct Customer {
    #[id]
    id: i64,
    tenant_id: i64,
    email: String,
}

fn main() {}
