// A unique key names its properties first; options follow them.

use relations::prelude::*;

#[derive(Entity)]
#[unique(name = "one_account")]
struct Customer {
    #[id]
    id: i64,
    tenant_id: i64,
    email: String,
}

fn main() {}
