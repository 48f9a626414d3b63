// A view has no foreign keys.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
#[entity(view)]
struct CustomerTotal {
    #[id]
    #[belongs_to(Customer, constraint = "of_customer", on_delete = "cascade")]
    customer_id: i64,
}

fn main() {}
