// A row belongs to one tenant.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[tenant]
    tenant_id: i64,
    #[tenant]
    owner_id: i64,
}

fn main() {}
