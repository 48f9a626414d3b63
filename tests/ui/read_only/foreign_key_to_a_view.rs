// A view cannot be the target of a foreign key.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
struct CustomerTotal {
    #[id]
    customer_id: i64,
    orders: i64,
}

#[derive(Entity)]
struct Note {
    #[id]
    id: i64,
    #[belongs_to(CustomerTotal)]
    customer_total_id: i64,
}

fn main() {}
