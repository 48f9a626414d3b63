// The executor gives the tenant.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[tenant]
    #[column(default = "1")]
    tenant_id: i64,
}

fn main() {}
