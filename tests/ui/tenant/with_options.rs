// `#[tenant]` takes no options.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[tenant(id)]
    tenant_id: i64,
}

fn main() {}
