// An option is one that `belongs_to` knows.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer, keyto = "id")]
    customer_id: i64,
}

fn main() {}
