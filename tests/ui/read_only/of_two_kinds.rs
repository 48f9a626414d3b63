// An entity is a view or a table.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view, read_only)]
struct CustomerTotal {
    #[id]
    customer_id: i64,
}

fn main() {}
