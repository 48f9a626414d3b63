// A foreign key has the type of the property that `key_to` names.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    #[unique]
    email: Option<String>,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer, key_to = "email")]
    customer_id: i64,
}

fn main() {}
