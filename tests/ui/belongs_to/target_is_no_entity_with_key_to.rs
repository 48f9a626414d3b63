// The target is an entity, also where `key_to` names a property of it.

use relations::prelude::*;

struct Customer {
    pk: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer, key_to = "pk")]
    customer_id: i64,
}

fn main() {}
