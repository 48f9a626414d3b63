// A tenant is never null.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[tenant]
    tenant_id: Option<i64>,
}

fn main() {}
