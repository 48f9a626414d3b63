// The database does not generate a tenant.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    #[tenant]
    tenant_id: i64,
}

fn main() {}
