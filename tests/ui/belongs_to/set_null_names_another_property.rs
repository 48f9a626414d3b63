// `set null` takes properties of the foreign key.

use relations::prelude::*;

#[derive(Entity)]
struct Account {
    #[id]
    tenant_id: i64,
    #[id]
    number: i64,
}

#[derive(Entity)]
#[belongs_to(
    Account,
    name = "account",
    key_from("tenant_id", "account_number"),
    key_to("tenant_id", "number"),
    on_delete = "set null(note)"
)]
struct Posting {
    #[id]
    id: i64,
    tenant_id: i64,
    account_number: Option<i64>,
    note: Option<i64>,
}

fn main() {}
