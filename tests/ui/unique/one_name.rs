// Two keys of the same properties have different names.

use relations::prelude::*;

#[derive(Entity)]
#[unique(email, filter = "id > 0")]
#[unique(email, filter = "id < 0")]
struct Customer {
    #[id]
    id: i64,
    tenant_id: i64,
    email: String,
}

fn main() {}
