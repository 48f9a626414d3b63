// The columns of a view are defined by its query.

use relations::prelude::*;

#[derive(Entity)]
#[entity(view)]
#[index(customer_id, orders)]
#[check("orders > 0")]
struct CustomerTotal {
    #[id(generated)]
    customer_id: i64,
    #[index]
    #[column(default = "0")]
    orders: i64,
    #[column(generated = "orders + 1")]
    next: i64,
}

fn main() {}
