// A composite `key_to` names no property beside those of a unique key.

use relations::prelude::*;

#[derive(Entity)]
#[unique(tenant_id, number, year)]
struct Invoice {
    #[id]
    id: i64,
    tenant_id: i64,
    number: i32,
    year: i32,
    lines: i32,
}

#[derive(Entity)]
#[belongs_to(Invoice, key_from("tenant_id", "invoice_number", "invoice_year", "invoice_lines"), key_to("tenant_id", "number", "year", "lines"))]
struct Payment {
    #[id]
    id: i64,
    tenant_id: i64,
    invoice_number: i32,
    invoice_year: i32,
    invoice_lines: i32,
}

fn main() {}
