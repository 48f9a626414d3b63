// `key_to` names a property, which a skipped field is not.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    #[skip]
    cache: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer, key_to = "cache")]
    customer_id: i64,
}

fn main() {}
