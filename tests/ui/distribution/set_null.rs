// The distribution column of a row cannot be set to null.

use relations::prelude::*;

#[derive(Entity)]
#[entity(distributed_by = "tenant_id")]
struct Customer {
    #[id]
    tenant_id: i64,
    #[id]
    id: i64,
}

#[derive(Entity)]
#[entity(distributed_by = "tenant_id")]
#[belongs_to(Customer, name = "customer", key_from("tenant_id", "customer_id"), key_to("tenant_id", "id"), on_delete = "set null")]
struct Order {
    #[id]
    tenant_id: i64,
    #[id]
    id: i64,
    customer_id: Option<i64>,
}

fn main() {}
