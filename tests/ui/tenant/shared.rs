// An entity of a tenant is not shared.

use relations::prelude::*;

#[derive(Entity)]
#[entity(shared)]
struct Order {
    #[id(generated)]
    id: i64,
    #[tenant]
    tenant_id: i64,
}

fn main() {}
