// A key that holds for some rows only cannot be referenced.

use relations::prelude::*;

#[derive(Entity)]
#[unique(tenant_id, number, year, filter = "lines > 0")]
struct Invoice {
    #[id]
    id: i64,
    tenant_id: i64,
    number: i32,
    year: i32,
    lines: i32,
}

#[derive(Entity)]
#[belongs_to(Invoice, key_from("tenant_id", "invoice_number", "invoice_year"), key_to("tenant_id", "number", "year"))]
struct Payment {
    #[id]
    id: i64,
    tenant_id: i64,
    invoice_number: i32,
    invoice_year: i32,
    invoice_lines: i32,
}

fn main() {}
