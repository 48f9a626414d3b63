// `key_to` names a property of the target, as a bare word too.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    pk: i64,
    name: String,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer, key_to = pkk)]
    customer_id: i64,
}

fn main() {}
