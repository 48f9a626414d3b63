// All mistakes of the attributes of an entity are shown in one build.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Entity)]
#[entity(tabel = "orders")]
#[has_many(Line, on_delete = "cascade")]
struct Order {
    #[id]
    id: Option<i64>,
    #[belongs_to("Customer")]
    customer_id: i64,
    #[belongs_to(Customer, on_delete = "set null")]
    payer_id: i64,
    #[column(nmae = "qty")]
    quantity: i32,
}

fn main() {}
