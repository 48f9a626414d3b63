// An upsert does not change what a row is distributed by.

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
    let new = NewProduct { tenant_id: 7, id: 1 };
    let _ = new.on_conflict((Product::TENANT_ID, Product::ID)).update(Product::TENANT_ID);
}
