// A key of one property stands on that property.

use relations::prelude::*;

#[derive(Entity)]
#[unique(email)]
struct Customer {
    #[id]
    id: i64,
    tenant_id: i64,
    email: String,
}

fn main() {}
