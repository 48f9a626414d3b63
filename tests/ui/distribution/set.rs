// The distribution column of a row cannot be changed.

use relations::prelude::*;

#[derive(Entity)]
#[entity(distributed_by = "tenant_id")]
struct Product {
    #[id]
    tenant_id: i64,
    #[id]
    id: i64,
}

fn main() {
    let _ = Product::find().set(Product::TENANT_ID, 8);
}
