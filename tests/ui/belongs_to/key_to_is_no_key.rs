// `key_to` names a property that tells the target's rows apart.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer, key_to = "name", name = "customer")]
    customer_name: String,
}

fn main() {}
