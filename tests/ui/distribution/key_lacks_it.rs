// A key between distributed entities pairs what both are distributed by.

use relations::prelude::*;

#[derive(Entity)]
#[entity(distributed_by = "tenant_id")]
#[unique(tenant_id, number)]
struct Product {
    #[id]
    tenant_id: i64,
    #[id]
    id: i64,
    number: i64,
}

#[derive(Entity)]
#[entity(distributed_by = "tenant_id")]
#[belongs_to(Product, name = "product", key_from("owner_id", "product_id"), key_to("tenant_id", "id"))]
struct Line {
    #[id]
    tenant_id: i64,
    #[id]
    id: i64,
    owner_id: i64,
    product_id: i64,
}

fn main() {}
