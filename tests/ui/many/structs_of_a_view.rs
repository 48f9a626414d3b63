// Nothing is inserted into a view, and nothing is changed.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view, patch, new(derive(Default)))]
struct CustomerTotal {
    #[id]
    customer_id: i64,
    orders: i64,
}

fn main() {}
