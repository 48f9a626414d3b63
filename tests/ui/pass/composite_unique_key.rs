//! A composite foreign key references a unique key of several properties, in any order.

use relations::prelude::*;

#[derive(Entity)]
#[unique(tenant_id, number)]
#[has_many(Payment, key_from("number", "tenant_id"), key_to("invoice_number", "tenant_id"))]
struct Invoice {
    #[id]
    id: i64,
    tenant_id: i64,
    number: i32,
}

#[derive(Entity)]
#[belongs_to(Invoice, key_from("invoice_number", "tenant_id"), key_to("number", "tenant_id"))]
struct Payment {
    #[id]
    id: i64,
    tenant_id: i64,
    invoice_number: i32,
}
