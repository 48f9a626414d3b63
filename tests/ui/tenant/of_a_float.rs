// A tenant is an integer, a text or a UUID.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[tenant]
    tenant_id: f64,
}

fn main() {}
